package nets

import (
	"github.com/dpgan/dpgan/device"
)

// trainedGenerator is the generator with its optimisers.
type trainedGenerator struct {
	*generatorBackward
	net, latents trained
	best         device.Vector // net and codes of the best fit so far
}

// newTrainedGenerator places the net and the codes on a device.
func newTrainedGenerator(a *allocator, shape *generatorShape) *trainedGenerator {
	t := &trainedGenerator{
		net:     newTrained(a, &shape.parameters, GeneratorBeta1, GeneratorBeta2, GeneratorEpsilon),
		latents: newTrained(a, &shape.codes, GeneratorBeta1, GeneratorBeta2, GeneratorEpsilon),
		best:    a.vector(shape.parameters.size + shape.codes.size)}
	t.generatorBackward = newGeneratorBackward(a, newGenerator(a, shape, t.net.adam.Parameters, t.latents.adam.Parameters))
	return t
}

// update does one step of Adam along dlogits.
func (t *trainedGenerator) update() {
	t.backward()
	for _, part := range []trained{t.net, t.latents} {
		t.dev.Increment(part.adam.Step)
	}
	t.dev.AdamUpdate(t.net.adam, t.gradient)
	t.dev.AdamUpdate(t.latents.adam, device.NewVector(t.dcodes.Buffer, 0, t.latents.store.size))
}

// bestParts are the net's and the codes' part of best.
func (t *trainedGenerator) bestParts() (net, codes device.Vector) {
	n := t.net.store.size
	return device.NewVector(t.best.Buffer, 0, n), device.NewVector(t.best.Buffer, n, t.latents.store.size)
}

func asRow(v device.Vector) device.Matrix { return device.NewMatrix(v.Buffer, v.Offset, 1, v.Len) }

// keep remembers the parameters as the best.
func (t *trainedGenerator) keep() {
	net, codes := t.bestParts()
	t.dev.Copy(asRow(net), asRow(t.net.adam.Parameters))
	t.dev.Copy(asRow(codes), asRow(t.latents.adam.Parameters))
}

// recall makes the parameters the best.
func (t *trainedGenerator) recall() {
	net, codes := t.bestParts()
	t.dev.Copy(asRow(t.net.adam.Parameters), asRow(net))
	t.dev.Copy(asRow(t.latents.adam.Parameters), asRow(codes))
}
