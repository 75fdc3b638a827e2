package reference

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
	"gorgonia.org/gorgonia"
)

// generatorShape is where the parameters of the generator's net lie, and those of the
// codes.
//
//	h₀ = codes                     [N, Latent]
//	hₗ = [hₗ₋₁, relu(BN(hₗ₋₁·Wₗ + bₗ))]
//	logits = h_L·W + b             [N, D]
type generatorShape struct {
	inventory
	codes  inventory
	blocks []block
	heads  affine
	config nets.AtomsConfig
}

type block struct {
	affine
	gamma, beta int
}

func newGeneratorShape(config nets.AtomsConfig, layout *device.Layout) *generatorShape {
	g := &generatorShape{config: config}
	parts := []int{config.Latent}
	for i, out := range config.Hidden {
		name := fmt.Sprintf("generator.block%d.", i)
		g.blocks = append(g.blocks, block{affine: newAffine(&g.inventory, name, parts, out),
			gamma: g.add(name+"gamma", out), beta: g.add(name+"beta", out)})
		parts = append(parts, out)
	}
	g.heads = newAffine(&g.inventory, "generator.heads.", parts, layout.Width)
	g.codes.add("generator.codes", config.Count, config.Latent)
	return g
}

// generator is a graph from the codes of all atoms to their logits, or back:
//
//	cost = Σ logits ⊙ pull
//
// whose gradient by the parameters and the codes is what pull, the gradient at the
// logits, comes to there.
type generator struct {
	*machine
	pull   []float64 // leaf [N, D], on the way back
	logits output    // [N, D], on the way there
	cost   output
	back   gradients
}

func newGenerator(shape *generatorShape, parameters, codes *vector) (*generator, error) {
	n, logits := newTrunk(shape, parameters, codes)
	return (&generator{logits: n.read(logits)}).compile(n)
}

func newGeneratorBackward(shape *generatorShape, parameters, codes *vector) (*generator, error) {
	n, logits := newTrunk(shape, parameters, codes)
	g := &generator{}
	var pull node
	pull, g.pull = n.leaf("pull", shape.config.Count, shape.heads.out)
	cost := n.total(n.times(logits, pull))
	g.cost, g.back = n.read(cost), n.gradients(cost)
	return g.compile(n)
}

func (g *generator) compile(n *net) (_ *generator, err error) {
	g.machine, err = n.compile()
	return g, err
}

func newTrunk(shape *generatorShape, parameters, codes *vector) (n *net, logits node) {
	count := shape.config.Count
	n = newNet(newExpression(), count)
	hidden := []node{n.parameter("codes", codes, 0, count, shape.config.Latent)}
	average := n.fill("average", 1, count, 1/float64(count))
	for _, b := range shape.blocks {
		y := n.normalised(n.affine(hidden, parameters, b.affine), average, parameters, b)
		hidden = append(hidden, n.relu(y))
	}
	return n, n.affine(hidden, parameters, shape.heads)
}

// normalised is batch normalisation over all atoms, γ(x-μ)/√(v+ε) + β per column.
func (n *net) normalised(x, average node, parameters *vector, b block) node {
	mean := n.mul(average, x)
	centred := n.sub(x, n.spread(mean))
	variance := n.mul(average, n.square(centred))
	padded := n.add(variance, n.fill("epsilon", 1, b.out, device.BatchNormEpsilon))
	inverse := n.unary(gorgonia.Inverse, n.unary(gorgonia.Sqrt, padded)) // InverseSqrt has a wrong gradient
	factor := n.times(inverse, n.parameter("gamma", parameters, b.gamma, 1, b.out))
	return n.add(n.times(centred, n.spread(factor)), n.spread(n.parameter("beta", parameters, b.beta, 1, b.out)))
}
