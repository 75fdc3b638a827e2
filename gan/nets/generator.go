package nets

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// generatorShape is where the parameters of the generator lie. Its noise is discrete, one
// of N atoms, each with a learned code [z] in place of a Gaussian latent. The code goes
// through a residual net to the heads; atom i is then a product of one distribution a
// column, p_i, and the table a mixture of the N products.
//
//	h₀ = codes                     [N, z]
//	hₗ = [hₗ₋₁, relu(BN(hₗ₋₁·Wₗ + bₗ))]
//	logits = h_L·W + b             [N, D]
//	p = softmax of each column's logits
//
// Every pass is over all N atoms, and so are the statistics of batch normalisation (BN):
// nothing is sampled.
type generatorShape struct {
	config     AtomsConfig
	layout     *device.Layout // of the D cells
	parameters tensorLayout
	codes      tensorLayout
	blocks     []generatorBlock
	width      int // columns of h_L
	headWeight int
	headBias   int
}

type generatorBlock struct {
	in, out                   int
	weight, bias, gamma, beta int
}

func newGeneratorShape(config AtomsConfig, layout *device.Layout) *generatorShape {
	g := &generatorShape{config: config, layout: layout}
	in := config.Latent
	for i, out := range config.Hidden {
		name := fmt.Sprintf("generator.block%d.", i)
		g.blocks = append(g.blocks, generatorBlock{in: in, out: out,
			weight: g.parameters.add(name+"weight", in, out), bias: g.parameters.add(name+"bias", out),
			gamma: g.parameters.add(name+"gamma", out), beta: g.parameters.add(name+"beta", out)})
		in += out
	}
	g.width = in
	g.headWeight = g.parameters.add("generator.heads.weight", in, layout.Width)
	g.headBias = g.parameters.add("generator.heads.bias", layout.Width)
	g.codes.add("generator.codes", config.Count, config.Latent)
	return g
}

// generator is the generator on a device.
type generator struct {
	*generatorShape
	dev        device.Device
	parameters device.Vector // of the net
	codes      device.Vector
	hidden     device.Matrix   // [N, width], the codes first
	affine     []device.Matrix // [N, out] before normalisation
	norms      []device.BatchNorm
	logits     device.Matrix // [N, D]
	p          device.Matrix // [N, D]
}

func newGenerator(a *allocator, shape *generatorShape, parameters, codes device.Vector) *generator {
	n := shape.config.Count
	g := &generator{generatorShape: shape, dev: a.dev, parameters: parameters, codes: codes,
		hidden: a.matrix(n, shape.width), logits: a.matrix(n, shape.layout.Width), p: a.matrix(n, shape.layout.Width)}
	for _, b := range shape.blocks {
		g.affine = append(g.affine, a.matrix(n, b.out))
		g.norms = append(g.norms, device.BatchNorm{
			Gamma: vector(parameters, b.gamma, b.out), Beta: vector(parameters, b.beta, b.out),
			Mean: a.vector(b.out), InverseStd: a.vector(b.out)})
	}
	return g
}

// forward computes logits and p from the codes.
func (g *generator) forward() {
	g.dev.Copy(g.hidden.Columns(0, g.config.Latent), matrix(g.codes, 0, g.config.Count, g.config.Latent))
	for l, b := range g.blocks {
		g.dev.LinearForward(g.affine[l], g.hidden.Columns(0, b.in), matrix(g.parameters, b.weight, b.in, b.out),
			vector(g.parameters, b.bias, b.out), device.Activation{})
		g.dev.BatchNormForward(g.hidden.Columns(b.in, b.in+b.out), g.affine[l], g.norms[l])
	}
	g.dev.LinearForward(g.logits, g.hidden, matrix(g.parameters, g.headWeight, g.width, g.layout.Width),
		vector(g.parameters, g.headBias, g.layout.Width), device.Activation{})
	g.dev.Softmax(g.p, g.logits, g.layout)
}
