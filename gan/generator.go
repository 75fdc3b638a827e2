package gan

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// generatorShape is where the parameters of the generator's net lie.
//
//	h₀ = codes                     [N, Latent]
//	hₗ = [hₗ₋₁, relu(BN(hₗ₋₁·Wₗ + bₗ))]
//	logits = h_L·W + b             [N, layout.Width]
//
// Every pass is over all N atoms, and so are the statistics of batch normalisation (BN).
type generatorShape struct {
	config     AtomsConfig
	layout     *device.Layout
	parameters store
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
	return g
}

// generator is the net on a device for a batch of rows.
type generator struct {
	*generatorShape
	dev        device.Device
	parameters device.Vector
	hidden     device.Matrix   // [N, width], the codes first
	affine     []device.Matrix // [N, out] before normalisation
	norms      []device.BatchNorm
	logits     device.Matrix // [N, layout.Width]
}

func newGenerator(a *arena, shape *generatorShape, batch int, parameters device.Vector) *generator {
	g := &generator{generatorShape: shape, dev: a.dev, parameters: parameters,
		hidden: a.matrix(batch, shape.width), logits: a.matrix(batch, shape.layout.Width)}
	for _, b := range shape.blocks {
		g.affine = append(g.affine, a.matrix(batch, b.out))
		g.norms = append(g.norms, device.BatchNorm{
			Gamma: vector(parameters, b.gamma, b.out), Beta: vector(parameters, b.beta, b.out),
			Mean: a.vector(b.out), InverseStd: a.vector(b.out)})
	}
	return g
}

func (g *generator) latent() device.Matrix { return g.hidden.Columns(0, g.config.Latent) }

// forward computes logits from the latent columns of hidden.
func (g *generator) forward() {
	for l, b := range g.blocks {
		g.dev.LinearForward(g.affine[l], g.hidden.Columns(0, b.in), matrix(g.parameters, b.weight, b.in, b.out),
			vector(g.parameters, b.bias, b.out), device.Activation{})
		g.dev.BatchNormForward(g.hidden.Columns(b.in, b.in+b.out), g.affine[l], g.norms[l])
	}
	g.dev.LinearForward(g.logits, g.hidden, matrix(g.parameters, g.headWeight, g.width, g.layout.Width),
		vector(g.parameters, g.headBias, g.layout.Width), device.Activation{})
}

// generatorBackward holds what the backward pass needs besides.
type generatorBackward struct {
	*generator
	gradient device.Vector   // [parameters]
	dlogits  device.Matrix   // [N, layout.Width]
	dhidden  device.Matrix   // [N, width]
	daffine  []device.Matrix // [N, out]
}

func newGeneratorBackward(a *arena, g *generator) *generatorBackward {
	b := &generatorBackward{generator: g, gradient: a.vector(g.generatorShape.parameters.size),
		dlogits: a.matrix(g.logits.Rows, g.logits.Cols), dhidden: a.matrix(g.hidden.Rows, g.hidden.Cols)}
	for _, block := range g.blocks {
		b.daffine = append(b.daffine, a.matrix(g.hidden.Rows, block.out))
	}
	return b
}

// backward adds the parameters' gradients to gradient, from dlogits, and leaves that of
// the codes in the latent columns of dhidden.
func (g *generatorBackward) backward() {
	head := matrix(g.parameters, g.headWeight, g.width, g.layout.Width)
	g.dev.LinearBackwardWeights(matrix(g.gradient, g.headWeight, g.width, g.layout.Width),
		vector(g.gradient, g.headBias, g.layout.Width), g.hidden, g.dlogits)
	g.dev.LinearBackwardData(g.dhidden, g.dlogits, head, g.hidden, device.Activation{}, false)
	for l := len(g.blocks) - 1; l >= 0; l-- {
		b := g.blocks[l]
		out := func(m device.Matrix) device.Matrix { return m.Columns(b.in, b.in+b.out) }
		g.dev.BatchNormBackward(g.daffine[l], out(g.dhidden), g.affine[l], out(g.hidden), g.norms[l],
			vector(g.gradient, b.gamma, b.out), vector(g.gradient, b.beta, b.out))
		x := g.hidden.Columns(0, b.in)
		g.dev.LinearBackwardWeights(matrix(g.gradient, b.weight, b.in, b.out), vector(g.gradient, b.bias, b.out), x, g.daffine[l])
		g.dev.LinearBackwardData(g.dhidden.Columns(0, b.in), g.daffine[l], matrix(g.parameters, b.weight, b.in, b.out), x, device.Activation{}, true)
	}
}
