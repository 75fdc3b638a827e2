package nets

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/internal/check"
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

// DefaultModelConfig holds the values of keys that a config leaves out.
func DefaultModelConfig() ModelConfig {
	return ModelConfig{
		Generator:     GeneratorConfig{Temperature: 0.5},
		Discriminator: DiscriminatorConfig{Kind: KindSecondOrder, Hidden: []int{64, 64}},
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
	var c check.Values
	g, d := &m.Generator, &m.Discriminator
	c.Must(g.Atoms >= 0 && g.Atoms <= 1<<16, "model.generator.atoms", g.Atoms, "must be 2 … 65536, or auto")
	c.Must(g.Atoms != 1, "model.generator.atoms", g.Atoms, "must be 2 … 65536, or auto")
	c.Must(g.Latent >= 0 && g.Latent <= 1<<16, "model.generator.latent", g.Latent, "must be 1 … 65536, or auto")
	c.Must(g.Temperature > 0 && !math.IsInf(g.Temperature, 1), "model.generator.temperature", g.Temperature, "must be > 0")
	c.Must(d.Kind == KindSecondOrder || d.Kind == KindMLP, "model.discriminator.kind", d.Kind, "must be second_order or mlp")
	c.Must(positive(d.Hidden), "model.discriminator.hidden", d.Hidden, "must list at least one width, each 1 … 65536")
	c.Must(d.Dropout >= 0 && d.Dropout < 1, "model.discriminator.dropout", d.Dropout, "must be at least 0 and below 1")
	return c.Err()
}

// AtomsConfig shapes the generator: Count atoms with codes of Latent numbers, then residual
// blocks of the widths Hidden.
type AtomsConfig struct {
	Count  int   `json:"count"`
	Latent int   `json:"latent"`
	Hidden []int `json:"hidden"`
}

// Validate reports numbers that are no shape.
func (c *AtomsConfig) Validate() error {
	if c.Count < 1 || c.Count > 1<<20 || c.Latent < 1 || c.Latent > 1<<16 || len(c.Hidden) > 0 && !positive(c.Hidden) {
		return fmt.Errorf("atoms %+v: not a shape", *c)
	}
	return nil
}
