package gan

import (
	"math"

	"github.com/dpgan/dpgan/internal/check"
)

// TrainingConfig is the `training` section. It changes how well a run does, and,
// through BatchSize and Steps, what a noise multiplier costs.
type TrainingConfig struct {
	// BatchSize is the expected size q·n of a Poisson batch; 0 ("auto") is settled by
	// the number of rows (see WithDefaults).
	BatchSize int `mapstructure:"batch_size" yaml:"batch_size" json:"batch_size" auto:"zero"`
	// Steps is the number of discriminator steps, each of which is paid for; 0
	// ("auto") is settled by the mode (see WithDefaults).
	Steps int `mapstructure:"steps" yaml:"steps" json:"steps" auto:"zero"`
	// DiscriminatorSteps for each generator step while the second-order discriminator
	// learns; 0 ("auto") is autoPace.
	DiscriminatorSteps int `mapstructure:"discriminator_steps" yaml:"discriminator_steps" json:"discriminator_steps" auto:"zero"`
	// LearningRate of a net; nil ("auto") is 0.27/√(its steps).
	LearningRate *float64 `mapstructure:"learning_rate" yaml:"learning_rate" json:"learning_rate"`
	// DetectDependencies looks in the noisy joint tables for columns that are a
	// function of another.
	DetectDependencies bool `mapstructure:"detect_dependencies" yaml:"detect_dependencies" json:"detect_dependencies"`
}

// DefaultTrainingConfig holds the values of keys that a config leaves out.
func DefaultTrainingConfig() TrainingConfig { return TrainingConfig{DetectDependencies: true} }

// Validate reports every value that no run can have.
func (t *TrainingConfig) Validate() error {
	var c check.Values
	c.Must(t.BatchSize >= 0, "training.batch_size", t.BatchSize, "must be at least 1, or auto")
	c.Must(t.Steps >= 0, "training.steps", t.Steps, "must be at least 1, or auto")
	c.Must(t.DiscriminatorSteps >= 0, "training.discriminator_steps", t.DiscriminatorSteps, "must be at least 1, or auto")
	if t.LearningRate != nil {
		c.Must(*t.LearningRate > 0 && *t.LearningRate <= 10, "training.learning_rate", *t.LearningRate, "must be above 0 and at most 10, or auto")
	}
	return c.Err()
}

// discriminatorLearningRate is that of a net of so many steps.
func (t *TrainingConfig) discriminatorLearningRate(steps float64) float64 {
	if t.LearningRate != nil {
		return *t.LearningRate
	}
	return 0.27 / math.Sqrt(steps)
}

// pace is the number of discriminator steps for each of the generator.
func (t *TrainingConfig) pace() int {
	if t.DiscriminatorSteps > 0 {
		return t.DiscriminatorSteps
	}
	return autoPace
}
