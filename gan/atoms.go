package gan

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
)

// atoms is the generator of the marginal stage: its noise is discrete, one of N
// atoms, each with a learned code [z] in place of a Gaussian latent. The code goes
// through the residual net of generator, without a condition, to the heads; atom
// i is then a product of one distribution a column, p_i, and the table a mixture
// of the N products. Full-batch over the atoms nothing is sampled in training.
type atoms struct {
	*generatorBackward
	net, codes trained
	p, dp      device.Matrix // [N, D]
	dcodes     device.Matrix // [N, z]
	best       device.Vector // net and codes of the best fit so far
}

// AtomsConfig shapes the generator of the marginal stage.
type AtomsConfig struct {
	Count  int   `json:"count"`
	Latent int   `json:"latent"`
	Hidden []int `json:"hidden"`
}

// atomsShape is where its parameters lie.
type atomsShape struct {
	*generatorShape
	count int
	codes store
}

func newAtomsShape(config AtomsConfig, layout *device.Layout) *atomsShape {
	s := &atomsShape{count: config.Count,
		generatorShape: newGeneratorShape(GeneratorConfig{Latent: config.Latent, Hidden: config.Hidden}, layout)}
	s.codes.add("generator.codes", config.Count, config.Latent)
	return s
}

// newAtoms places the net and the codes on a device.
func newAtoms(a *arena, shape *atomsShape) *atoms {
	t := &atoms{net: newTrained(a, &shape.parameters, 0.9, 0.99), codes: newTrained(a, &shape.codes, 0.9, 0.99),
		p: a.matrix(shape.count, shape.layout.Width), dp: a.matrix(shape.count, shape.layout.Width),
		dcodes: a.matrix(shape.count, shape.config.Latent), best: a.vector(shape.parameters.size + shape.codes.size)}
	t.net.adam.Epsilon, t.codes.adam.Epsilon = atomsEpsilon, atomsEpsilon
	running := a.vector(shape.running.size)
	t.generatorBackward = newGeneratorBackward(a, newGenerator(a, shape.generatorShape, shape.count, t.net.adam.Parameters, running))
	t.inputs = true
	return t
}

// Adam's ε: gradients of frequencies are small.
const atomsEpsilon = 1e-12

// forward computes p from the codes.
func (t *atoms) forward() {
	t.dev.Copy(t.latent(), t.codeMatrix())
	t.generator.forward(true)
	t.dev.Softmax(t.p, t.logits, t.layout)
}

func (t *atoms) codeMatrix() device.Matrix {
	v := t.codes.adam.Parameters
	return device.NewMatrix(v.Buffer, v.Offset, t.p.Rows, t.config.Latent)
}

// step fits the tables a little better: one step of Adam.
func (t *atoms) step(target *device.Moments, loss device.Vector) {
	t.forward()
	t.dev.MomentDelta(t.dp, t.p, target, loss)
	t.dev.HeadsBackward(t.dlogits, t.dp, t.p, t.layout, 1)
	t.backward()
	for _, part := range []trained{t.net, t.codes} {
		t.dev.Increment(part.adam.Step)
	}
	t.dev.AdamUpdate(t.net.adam, t.gradient)
	codes := t.dhidden.Columns(0, t.config.Latent)
	t.dev.Copy(t.dcodes, codes)
	t.dev.AdamUpdate(t.codes.adam, device.NewVector(t.dcodes.Buffer, 0, t.codes.store.size))
}

// initialAtoms starts the net as initialState does a generator, the codes as
// standard normals.
func initialAtoms(shape *atomsShape, headBias []float32, seed uint64) (parameters, codes []float32) {
	random := rand.New(rand.NewPCG(seed, 0xa70a5))
	parameters = make([]float32, shape.parameters.size)
	for _, b := range shape.blocks {
		uniform(parameters[b.weight:][:b.in*b.out], 1/math.Sqrt(float64(b.in)), random)
		for k := range b.out {
			parameters[b.gamma+k] = 1
		}
	}
	uniform(parameters[shape.headWeight:][:shape.width*shape.layout.Width], 1/math.Sqrt(float64(shape.width)), random)
	copy(parameters[shape.headBias:], headBias)
	codes = make([]float32, shape.codes.size)
	for k := range codes {
		codes[k] = float32(random.NormFloat64())
	}
	return parameters, codes
}

func uniform(dst []float32, bound float64, random *rand.Rand) {
	for k := range dst {
		dst[k] = float32(bound * (2*random.Float64() - 1))
	}
}
