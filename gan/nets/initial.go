package nets

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
)

// Initial is what an engine begins with: a generator of config that draws each column
// by headBias, the heads' bias, from the start, and means of the discriminator pairs. The
// generator's other weights are uniform in ±1/√fan_in (LeCun et al. 1998), γ = 1, and its
// codes standard normals.
func Initial(config AtomsConfig, layout *device.Layout, headBias []float32, pairs *device.PairTables, means [][]float32, seed uint64) Tensors {
	shape, random := newGeneratorShape(config, layout), rand.New(rand.NewPCG(seed, 0xa70a5))
	net := make([]float32, shape.parameters.size)
	for _, b := range shape.blocks {
		drawLayer(net[b.weight:][:b.in*b.out], b.in, random)
		for k := range b.out {
			net[b.gamma+k] = 1
		}
	}
	drawLayer(net[shape.headWeight:][:shape.width*layout.Width], shape.width, random)
	copy(net[shape.headBias:], headBias)
	codes := make([]float32, shape.codes.size)
	for k := range codes {
		codes[k] = float32(random.NormFloat64())
	}
	out := Tensors{}
	shape.parameters.splitInitial(out, net)
	shape.codes.splitInitial(out, codes)
	shape.parameters.split(out, bestPrefix, net)
	shape.codes.split(out, bestPrefix, codes)
	for k, prefix := range meanPrefixes {
		pairsLayout(pairs).split(out, prefix, means[k])
	}
	return out
}

// InitialNet is what a net of config that sees rows through white begins with, white
// included: weights and biases uniform in ±1/√fan_in.
func InitialNet(config DiscriminatorConfig, white *Whitening, seed uint64) Tensors {
	shape, random := newDiscriminatorShape(config, white.Outputs), rand.New(rand.NewPCG(seed, 0xc417c))
	values := make([]float32, shape.parameters.size)
	for _, l := range shape.layers {
		drawLayer(values[l.weight:][:l.in*l.out], l.in, random)
		drawLayer(values[l.bias:][:l.out], l.in, random)
	}
	out := Tensors{}
	shape.parameters.splitInitial(out, values)
	white.addTo(out)
	return out
}

// drawLayer draws weights of a layer of in inputs.
func drawLayer(weights []float32, in int, random *rand.Rand) {
	bound := 1 / math.Sqrt(float64(in))
	for k := range weights {
		weights[k] = float32(bound * (2*random.Float64() - 1))
	}
}
