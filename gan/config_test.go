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
	rate := -1.0
	for key, change := range map[string]func(*ModelConfig, *TrainingConfig){
		"model.generator.atoms":        func(m *ModelConfig, _ *TrainingConfig) { m.Generator.Atoms = 1 },
		"model.generator.latent":       func(m *ModelConfig, _ *TrainingConfig) { m.Generator.Latent = -1 },
		"model.generator.temperature":  func(m *ModelConfig, _ *TrainingConfig) { m.Generator.Temperature = 0 },
		"model.discriminator.kind":     func(m *ModelConfig, _ *TrainingConfig) { m.Discriminator.Kind = "net" },
		"model.discriminator.hidden":   func(m *ModelConfig, _ *TrainingConfig) { m.Discriminator.Hidden = []int{8, -1} },
		"model.discriminator.dropout":  func(m *ModelConfig, _ *TrainingConfig) { m.Discriminator.Dropout = 1 },
		"training.batch_size":          func(_ *ModelConfig, t *TrainingConfig) { t.BatchSize = -1 },
		"training.steps":               func(_ *ModelConfig, t *TrainingConfig) { t.Steps = -1 },
		"training.discriminator_steps": func(_ *ModelConfig, t *TrainingConfig) { t.DiscriminatorSteps = -1 },
		"training.learning_rate":       func(_ *ModelConfig, t *TrainingConfig) { t.LearningRate = &rate },
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
