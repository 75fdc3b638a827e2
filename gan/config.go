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
}

// GeneratorConfig shapes the generator: Atoms learned codes of Latent numbers; 0 ("auto")
// is settled, as the layers behind them are, by how clearly the discriminator sees
// (see planFit). Rows for a net are drawn by Gumbel-softmax at Temperature.
type GeneratorConfig struct {
	Atoms       int     `mapstructure:"atoms" yaml:"atoms" json:"atoms" auto:"zero"`
	Latent      int     `mapstructure:"latent" yaml:"latent" json:"latent" auto:"zero"`
	Temperature float64 `mapstructure:"temperature" yaml:"temperature" json:"temperature"`
}

// DiscriminatorConfig says what the discriminator is. A net has affine layers of the
// widths Hidden with LeakyReLU and Dropout.
type DiscriminatorConfig struct {
	Kind    string  `mapstructure:"kind" yaml:"kind" json:"kind"`
	Hidden  []int   `mapstructure:"hidden" yaml:"hidden" json:"hidden"`
	Dropout float64 `mapstructure:"dropout" yaml:"dropout" json:"dropout"`
}

// The kinds of discriminator: one of second order, or that and then a net.
const (
	KindSecondOrder = "second_order"
	KindMLP         = "mlp"
)

// TrainingConfig is the `training` section. It changes how well a run does, and,
// through BatchSize and Steps, what a noise multiplier costs.
type TrainingConfig struct {
	// BatchSize is the expected size q·n of a Poisson batch; 0 ("auto") is settled by
	// the number of rows (see Settled).
	BatchSize int `mapstructure:"batch_size" yaml:"batch_size" json:"batch_size" auto:"zero"`
	// Steps is the number of discriminator steps, each of which is paid for; 0
	// ("auto") is settled by the mode (see Settled).
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

// DefaultModelConfig holds the values of keys that a config leaves out.
func DefaultModelConfig() ModelConfig {
	return ModelConfig{
		Generator:     GeneratorConfig{Temperature: 0.5},
		Discriminator: DiscriminatorConfig{Kind: KindSecondOrder, Hidden: []int{64, 64}},
	}
}

// DefaultTrainingConfig holds the values of keys that a config leaves out.
func DefaultTrainingConfig() TrainingConfig { return TrainingConfig{DetectDependencies: true} }

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
	c.check(g.Atoms >= 0 && g.Atoms <= 1<<16, "model.generator.atoms", g.Atoms, "must be 2 … 65536, or auto")
	c.check(g.Atoms != 1, "model.generator.atoms", g.Atoms, "must be 2 … 65536, or auto")
	c.check(g.Latent >= 0 && g.Latent <= 1<<16, "model.generator.latent", g.Latent, "must be 1 … 65536, or auto")
	c.check(g.Temperature > 0 && !math.IsInf(g.Temperature, 1), "model.generator.temperature", g.Temperature, "must be > 0")
	c.check(d.Kind == KindSecondOrder || d.Kind == KindMLP, "model.discriminator.kind", d.Kind, "must be second_order or mlp")
	c.check(positive(d.Hidden), "model.discriminator.hidden", d.Hidden, "must list at least one width, each 1 … 65536")
	c.check(d.Dropout >= 0 && d.Dropout < 1, "model.discriminator.dropout", d.Dropout, "must be at least 0 and below 1")
	return errors.Join(c.errs...)
}

// Validate reports every value that no run can have.
func (t *TrainingConfig) Validate() error {
	var c checker
	c.check(t.BatchSize >= 0, "training.batch_size", t.BatchSize, "must be at least 1, or auto")
	c.check(t.Steps >= 0, "training.steps", t.Steps, "must be at least 1, or auto")
	c.check(t.DiscriminatorSteps >= 0, "training.discriminator_steps", t.DiscriminatorSteps, "must be at least 1, or auto")
	if t.LearningRate != nil {
		c.check(*t.LearningRate > 0 && *t.LearningRate <= 10, "training.learning_rate", *t.LearningRate, "must be above 0 and at most 10, or auto")
	}
	return errors.Join(c.errs...)
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
