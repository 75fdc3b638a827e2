package reference

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
	"gorgonia.org/gorgonia"
)

// generatorShape is where the generator's parameters and running statistics lie.
//
//	h₀ = [z, condition]                        [B, Latent + ConditionWidth]
//	hₗ = [hₗ₋₁, relu(BN(hₗ₋₁·Wₗ + bₗ))]
//	logits = h_L·W + b                         [B, layout.Width]
type generatorShape struct {
	inventory
	running inventory
	blocks  []block
	heads   affine
	latent  int
}

type block struct {
	affine
	gamma, beta    int
	mean, variance int // in the running statistics
}

func newGeneratorShape(config gan.GeneratorConfig, layout *device.Layout) *generatorShape {
	g := &generatorShape{latent: config.Latent}
	parts := present(config.Latent, layout.ConditionWidth)
	for i, out := range config.Hidden {
		name := fmt.Sprintf("generator.block%d.", i)
		g.blocks = append(g.blocks, block{affine: newAffine(&g.inventory, name, parts, out),
			gamma: g.add(name+"gamma", out), beta: g.add(name+"beta", out),
			mean: g.running.add(name+"running_mean", out), variance: g.running.add(name+"running_var", out)})
		parts = append(parts, out)
	}
	g.heads = newAffine(&g.inventory, "generator.heads.", parts, layout.Width)
	return g
}

// trunk is the part of a generator graph from latents to logits.
type trunk struct {
	*net
	latent, condition []float64 // leaves: [B, Latent], [B, ConditionWidth]
	means, variances  []node    // of each block's batch: [1, out], biased
	logits            node      // [B, layout.Width]
}

func newTrunk(shape *generatorShape, p *parameters, layout *device.Layout, batch int) *trunk {
	e := newExpression()
	t := &trunk{net: newNet(e, p, batch)}
	var latent, condition node
	latent, t.latent = e.leaf("latent", batch, shape.latent)
	hidden := []node{latent}
	if layout.ConditionWidth > 0 {
		condition, t.condition = e.leaf("condition", batch, layout.ConditionWidth)
		hidden = append(hidden, condition)
	}
	average := e.fill("average", 1, batch, 1/float64(batch))
	for _, b := range shape.blocks {
		y := t.normalised(t.affine(hidden, b.affine), average, b)
		hidden = append(hidden, e.relu(y))
	}
	t.logits = t.affine(hidden, shape.heads)
	return t
}

// normalised is batch normalisation, γ(x-μ)/√(v+ε) + β per column.
func (t *trunk) normalised(x, average node, b block) node {
	mean := t.mul(average, x)
	centred := t.sub(x, t.spread(mean))
	variance := t.mul(average, t.unary(gorgonia.Square, centred))
	t.means, t.variances = append(t.means, mean), append(t.variances, variance)
	padded := t.expression.add(variance, t.fill("epsilon", 1, b.out, device.BatchNormEpsilon))
	inverse := t.unary(gorgonia.Inverse, t.unary(gorgonia.Sqrt, padded)) // InverseSqrt has a wrong gradient
	factor := t.times(inverse, t.parameter("gamma", b.gamma, 1, b.out))
	return t.expression.add(t.times(centred, t.spread(factor)), t.spread(t.parameter("beta", b.beta, 1, b.out)))
}

// generator is the forward graph: logits and what the running statistics need.
type generator struct {
	*machine
	latent, condition []float64
	logits            output   // [B, layout.Width]
	means, variances  []output // by block: [1, out]
}

func newGenerator(shape *generatorShape, p *parameters, layout *device.Layout, batch int) (*generator, error) {
	t := newTrunk(shape, p, layout, batch)
	g := &generator{latent: t.latent, condition: t.condition, logits: t.read(t.logits)}
	for l := range t.means {
		g.means, g.variances = append(g.means, t.read(t.means[l])), append(g.variances, t.read(t.variances[l]))
	}
	var err error
	g.machine, err = t.compile()
	return g, err
}
