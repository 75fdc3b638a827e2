package gan

import (
	"errors"
	"fmt"
	"math"
)

// ModelConfig is the shape of the nets: the `model` section.
type ModelConfig struct {
	Generator     GeneratorConfig     `mapstructure:"generator" yaml:"generator" json:"generator"`
	Discriminator DiscriminatorConfig `mapstructure:"discriminator" yaml:"discriminator" json:"discriminator"`
	// MaxModes is the most modes that a numeric column is cut into.
	MaxModes int `mapstructure:"max_modes" yaml:"max_modes" json:"max_modes"`
}

// GeneratorConfig shapes the generator: Latent normals and the condition, then
// residual blocks of the widths Hidden, then heads at Gumbel-softmax Temperature.
type GeneratorConfig struct {
	Latent      int     `mapstructure:"latent" yaml:"latent" json:"latent"`
	Hidden      []int   `mapstructure:"hidden" yaml:"hidden" json:"hidden"`
	Temperature float64 `mapstructure:"temperature" yaml:"temperature" json:"temperature"`
}

// DiscriminatorConfig shapes the discriminator: affine layers of the widths
// Hidden with LeakyReLU and Dropout.
type DiscriminatorConfig struct {
	Hidden  []int   `mapstructure:"hidden" yaml:"hidden" json:"hidden"`
	Dropout float64 `mapstructure:"dropout" yaml:"dropout" json:"dropout"`
}

// TrainingConfig is the `training` section. It changes how well a run does, and,
// through BatchSize and Steps, what a noise multiplier costs.
type TrainingConfig struct {
	// BatchSize is the expected size q·n of a Poisson batch; 0 ("auto") is settled by
	// the number of rows (see Settled).
	BatchSize int `mapstructure:"batch_size" yaml:"batch_size" json:"batch_size" auto:"zero"`
	// Steps is the number of discriminator steps, each of which is paid for; 0
	// ("auto") is settled by the mode (see Settled).
	Steps int `mapstructure:"steps" yaml:"steps" json:"steps" auto:"zero"`
	// DiscriminatorSteps for each generator step; nil ("auto") starts at 3 and
	// climbs when the discriminator falls behind (Bie, Kamath, Zhang 2023).
	DiscriminatorSteps *int `mapstructure:"discriminator_steps" yaml:"discriminator_steps" json:"discriminator_steps"`
	// LearningRate of the discriminator; nil ("auto") is 0.27/√Steps.
	LearningRate          *float64 `mapstructure:"learning_rate" yaml:"learning_rate" json:"learning_rate"`
	GeneratorLearningRate float64  `mapstructure:"generator_learning_rate" yaml:"generator_learning_rate" json:"generator_learning_rate"`
	GeneratorBatchSize    int      `mapstructure:"generator_batch_size" yaml:"generator_batch_size" json:"generator_batch_size"`
	EMADecay              float64  `mapstructure:"ema_decay" yaml:"ema_decay" json:"ema_decay"`
	// DetectDependencies looks in the noisy joint tables for columns that are a
	// function of another.
	DetectDependencies bool `mapstructure:"detect_dependencies" yaml:"detect_dependencies" json:"detect_dependencies"`
}

// DefaultModelConfig holds the values of keys that a config leaves out.
func DefaultModelConfig() ModelConfig {
	return ModelConfig{
		Generator:     GeneratorConfig{Latent: 64, Hidden: []int{128, 128}, Temperature: 0.2},
		Discriminator: DiscriminatorConfig{Hidden: []int{64, 64}},
		MaxModes:      16,
	}
}

// DefaultTrainingConfig holds the values of keys that a config leaves out.
func DefaultTrainingConfig() TrainingConfig {
	return TrainingConfig{GeneratorLearningRate: 1e-3, GeneratorBatchSize: 512, EMADecay: 0.99,
		DetectDependencies: true}
}

type checker struct{ errs []error }

func (c *checker) check(ok bool, key string, value any, fix string) {
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("%s=%v: %s", key, value, fix))
	}
}

func positive(widths []int) bool {
	for _, w := range widths {
		if w < 1 || w > 1<<16 {
			return false
		}
	}
	return len(widths) > 0
}

// Validate reports every value that no net can have.
func (m *ModelConfig) Validate() error {
	var c checker
	g, d := &m.Generator, &m.Discriminator
	c.check(g.Latent >= 1 && g.Latent <= 1<<16, "model.generator.latent", g.Latent, "must be 1 … 65536")
	c.check(positive(g.Hidden), "model.generator.hidden", g.Hidden, "must list at least one width, each 1 … 65536")
	c.check(g.Temperature > 0 && !math.IsInf(g.Temperature, 1), "model.generator.temperature", g.Temperature, "must be > 0")
	c.check(positive(d.Hidden), "model.discriminator.hidden", d.Hidden, "must list at least one width, each 1 … 65536")
	c.check(d.Dropout >= 0 && d.Dropout < 1, "model.discriminator.dropout", d.Dropout, "must be at least 0 and below 1")
	c.check(m.MaxModes >= 1 && m.MaxModes <= 256, "model.max_modes", m.MaxModes, "must be 1 … 256")
	return errors.Join(c.errs...)
}

// Validate reports every value that no run can have.
func (t *TrainingConfig) Validate() error {
	var c checker
	c.check(t.BatchSize >= 0, "training.batch_size", t.BatchSize, "must be at least 1, or auto")
	c.check(t.Steps >= 0, "training.steps", t.Steps, "must be at least 1, or auto")
	if t.DiscriminatorSteps != nil {
		c.check(*t.DiscriminatorSteps >= 1, "training.discriminator_steps", *t.DiscriminatorSteps, "must be at least 1, or auto")
	}
	if t.LearningRate != nil {
		c.check(*t.LearningRate > 0 && *t.LearningRate <= 10, "training.learning_rate", *t.LearningRate, "must be above 0 and at most 10, or auto")
	}
	c.check(t.GeneratorLearningRate > 0 && t.GeneratorLearningRate <= 10, "training.generator_learning_rate", t.GeneratorLearningRate, "must be above 0 and at most 10")
	c.check(t.GeneratorBatchSize >= 2, "training.generator_batch_size", t.GeneratorBatchSize, "must be at least 2")
	c.check(t.EMADecay >= 0 && t.EMADecay < 1, "training.ema_decay", t.EMADecay, "must be at least 0 and below 1")
	return errors.Join(c.errs...)
}

// discriminatorLearningRate needs the steps to be settled.
func (t *TrainingConfig) discriminatorLearningRate() float64 {
	if t.LearningRate != nil {
		return *t.LearningRate
	}
	return 0.27 / math.Sqrt(float64(t.Steps))
}
