package gan

import (
	"strings"
	"testing"

	"github.com/dpgan/dpgan/gan/nets"
)

func TestDefaultsAreValid(t *testing.T) {
	model, training := nets.DefaultModelConfig(), DefaultTrainingConfig()
	if err := model.Validate(); err != nil {
		t.Error(err)
	}
	if err := training.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	rate := -1.0
	for key, change := range map[string]func(*nets.ModelConfig, *TrainingConfig){
		"model.generator.atoms":        func(m *nets.ModelConfig, _ *TrainingConfig) { m.Generator.Atoms = 1 },
		"model.generator.latent":       func(m *nets.ModelConfig, _ *TrainingConfig) { m.Generator.Latent = -1 },
		"model.generator.temperature":  func(m *nets.ModelConfig, _ *TrainingConfig) { m.Generator.Temperature = 0 },
		"model.discriminator.kind":     func(m *nets.ModelConfig, _ *TrainingConfig) { m.Discriminator.Kind = "net" },
		"model.discriminator.hidden":   func(m *nets.ModelConfig, _ *TrainingConfig) { m.Discriminator.Hidden = []int{8, -1} },
		"model.discriminator.dropout":  func(m *nets.ModelConfig, _ *TrainingConfig) { m.Discriminator.Dropout = 1 },
		"training.batch_size":          func(_ *nets.ModelConfig, t *TrainingConfig) { t.BatchSize = -1 },
		"training.steps":               func(_ *nets.ModelConfig, t *TrainingConfig) { t.Steps = -1 },
		"training.discriminator_steps": func(_ *nets.ModelConfig, t *TrainingConfig) { t.DiscriminatorSteps = -1 },
		"training.learning_rate":       func(_ *nets.ModelConfig, t *TrainingConfig) { t.LearningRate = &rate },
	} {
		model, training := nets.DefaultModelConfig(), DefaultTrainingConfig()
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
