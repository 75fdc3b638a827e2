package gan

import (
	"strings"
	"testing"
)

func TestDefaultsAreValid(t *testing.T) {
	model, training := DefaultModelConfig(), DefaultTrainingConfig()
	if err := model.Validate(); err != nil {
		t.Error(err)
	}
	if err := training.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	number, rate := 0, -1.0
	for key, change := range map[string]func(*ModelConfig, *TrainingConfig){
		"model.generator.latent":           func(m *ModelConfig, _ *TrainingConfig) { m.Generator.Latent = 0 },
		"model.generator.hidden":           func(m *ModelConfig, _ *TrainingConfig) { m.Generator.Hidden = nil },
		"model.generator.temperature":      func(m *ModelConfig, _ *TrainingConfig) { m.Generator.Temperature = 0 },
		"model.discriminator.hidden":       func(m *ModelConfig, _ *TrainingConfig) { m.Discriminator.Hidden = []int{8, -1} },
		"model.discriminator.dropout":      func(m *ModelConfig, _ *TrainingConfig) { m.Discriminator.Dropout = 1 },
		"model.max_modes":                  func(m *ModelConfig, _ *TrainingConfig) { m.MaxModes = 0 },
		"training.batch_size":              func(_ *ModelConfig, t *TrainingConfig) { t.BatchSize = -1 },
		"training.steps":                   func(_ *ModelConfig, t *TrainingConfig) { t.Steps = -1 },
		"training.discriminator_steps":     func(_ *ModelConfig, t *TrainingConfig) { t.DiscriminatorSteps = &number },
		"training.learning_rate":           func(_ *ModelConfig, t *TrainingConfig) { t.LearningRate = &rate },
		"training.generator_learning_rate": func(_ *ModelConfig, t *TrainingConfig) { t.GeneratorLearningRate = 0 },
		"training.generator_batch_size":    func(_ *ModelConfig, t *TrainingConfig) { t.GeneratorBatchSize = 1 },
		"training.ema_decay":               func(_ *ModelConfig, t *TrainingConfig) { t.EMADecay = 1 },
	} {
		model, training := DefaultModelConfig(), DefaultTrainingConfig()
		change(&model, &training)
		message := ""
		for _, err := range []error{model.Validate(), training.Validate()} {
			if err != nil {
				message += err.Error()
			}
		}
		if !strings.Contains(message, key+"=") {
			t.Errorf("a wrong %s is reported as %q", key, message)
		}
	}
}
