package nets

import "github.com/dpgan/dpgan/device"

// generatorBackward holds what the backward pass needs besides.
type generatorBackward struct {
	*generator
	gradient device.Vector   // [parameters]
	dlogits  device.Matrix   // [N, layout.Width]
	dhidden  device.Matrix   // [N, width]
	dp       device.Matrix   // [N, D]
	dcodes   device.Matrix   // [N, z]
	daffine  []device.Matrix // [N, out]
}

func newGeneratorBackward(a *allocator, g *generator) *generatorBackward {
	b := &generatorBackward{generator: g, gradient: a.vector(g.generatorShape.parameters.size),
		dlogits: a.matrix(g.logits.Rows, g.logits.Cols), dhidden: a.matrix(g.hidden.Rows, g.hidden.Cols),
		dp: a.matrix(g.p.Rows, g.p.Cols), dcodes: a.matrix(g.config.Count, g.config.Latent)}
	for _, block := range g.blocks {
		b.daffine = append(b.daffine, a.matrix(g.hidden.Rows, block.out))
	}
	return b
}

// backward adds the parameters' gradients to gradient, from dlogits, and writes those of
// the codes to dcodes.
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
	g.dev.Copy(g.dcodes, g.dhidden.Columns(0, g.config.Latent))
}
