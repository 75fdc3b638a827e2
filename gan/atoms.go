package gan

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
)

// atoms is the generator. Its noise is discrete, one of N atoms, each with a learned
// code [z] in place of a Gaussian latent. The code goes through a residual net to the
// heads; atom i is then a product of one distribution a column, p_i, and the table a
// mixture of the N products. A step sees all atoms, so nothing is sampled in training.
type atoms struct {
	*generatorBackward
	net, codes trained
	p, dp      device.Matrix // [N, D]
	dcodes     device.Matrix // [N, z]
	best       device.Vector // net and codes of the best fit so far
}

// AtomsConfig shapes the generator: Count atoms with codes of Latent numbers, then residual
// blocks of the widths Hidden.
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
		generatorShape: newGeneratorShape(config, layout)}
	s.codes.add("generator.codes", config.Count, config.Latent)
	return s
}

// newAtoms places the net and the codes on a device.
func newAtoms(a *arena, shape *atomsShape) *atoms {
	t := &atoms{net: newTrained(a, &shape.parameters, GeneratorBeta1, GeneratorBeta2, GeneratorEpsilon), codes: newTrained(a, &shape.codes, GeneratorBeta1, GeneratorBeta2, GeneratorEpsilon),
		p: a.matrix(shape.count, shape.layout.Width), dp: a.matrix(shape.count, shape.layout.Width),
		dcodes: a.matrix(shape.count, shape.config.Latent), best: a.vector(shape.parameters.size + shape.codes.size)}
	t.generatorBackward = newGeneratorBackward(a, newGenerator(a, shape.generatorShape, shape.count, t.net.adam.Parameters))
	return t
}

// forward computes p from the codes.
func (t *atoms) forward() {
	t.dev.Copy(t.latent(), t.codeMatrix())
	t.generator.forward()
	t.dev.Softmax(t.p, t.logits, t.layout)
}

func (t *atoms) codeMatrix() device.Matrix {
	v := t.codes.adam.Parameters
	return device.NewMatrix(v.Buffer, v.Offset, t.p.Rows, t.config.Latent)
}

// update does one step of Adam along dlogits.
func (t *atoms) update() {
	t.backward()
	for _, part := range []trained{t.net, t.codes} {
		t.dev.Increment(part.adam.Step)
	}
	t.dev.AdamUpdate(t.net.adam, t.gradient)
	t.dev.Copy(t.dcodes, t.dhidden.Columns(0, t.config.Latent))
	t.dev.AdamUpdate(t.codes.adam, device.NewVector(t.dcodes.Buffer, 0, t.codes.store.size))
}

// halves are the net's and the codes' part of best.
func (t *atoms) halves() (net, codes device.Vector) {
	n := t.net.store.size
	return device.NewVector(t.best.Buffer, 0, n), device.NewVector(t.best.Buffer, n, t.codes.store.size)
}

func row(v device.Vector) device.Matrix { return device.NewMatrix(v.Buffer, v.Offset, 1, v.Len) }

// keep remembers the parameters as the best.
func (t *atoms) keep() {
	net, codes := t.halves()
	t.dev.Copy(row(net), row(t.net.adam.Parameters))
	t.dev.Copy(row(codes), row(t.codes.adam.Parameters))
}

// recall makes the parameters the best.
func (t *atoms) recall() {
	net, codes := t.halves()
	t.dev.Copy(row(t.net.adam.Parameters), row(net))
	t.dev.Copy(row(t.codes.adam.Parameters), row(codes))
}

// initialAtoms draws the first parameters: weights uniform in ±1/√fan_in (LeCun et al.
// 1998), γ = 1, the heads' bias at headBias, so that each column is drawn about right
// from the start, and codes as standard normals.
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
