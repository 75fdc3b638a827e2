package bench

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// critic is the discriminator's parameters with their optimiser: affine layers
// of the widths given, LeakyReLU between them, as gan builds them.
//
// The learning rate is 0, so every step does the same work on the same numbers:
// a critic that learned would saturate, and the gradients of a saturated one are
// subnormal, which are slow.
type critic struct {
	allocator
	widths          []int         // d, hidden, 1
	offsets         []int         // of each layer's weights; its bias follows
	private, public device.Vector // sums of integers
	gradient        device.Vector
	adam            device.Adam
	noise           device.Noise
	rng             device.RNG
}

func criticSize(widths []int) int {
	size := 0
	for l := range len(widths) - 1 {
		size += (widths[l] + 1) * widths[l+1]
	}
	return size
}

// newCritic draws weights of standard deviation √(1/inputs), so that logits are
// of order 1.
func newCritic(a allocator, widths []int) *critic {
	c := &critic{allocator: a, widths: widths}
	size := criticSize(widths)
	weights := make([]float32, size)
	at := 0
	for l := range len(widths) - 1 {
		c.offsets = append(c.offsets, at)
		draw, std := device.Draw{Stream: uint32(l)}, float32(math.Sqrt(1/float64(widths[l])))
		for i := range widths[l] * widths[l+1] {
			weights[at+i] = std * draw.Normal(i)
		}
		at += (widths[l] + 1) * widths[l+1]
	}
	c.private, c.public = c.sums(size), c.sums(size)
	c.gradient = c.vector(size)
	c.adam = device.Adam{Parameters: c.vector(size), First: c.vector(size), Second: c.vector(size),
		LearningRate: c.buffer(device.Float32, 1), Step: c.buffer(device.Uint64, 1), Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	c.rng = device.RNG{Seed: c.buffer(device.Uint64, 1), Step: c.buffer(device.Uint64, 1)}
	c.noise = device.Noise{Key: c.buffer(device.Uint32, 8), Step: c.adam.Step, Multiplier: 1}
	if c.err == nil {
		c.Upload(c.adam.Parameters.Buffer, 0, weights)
	}
	return c
}

func (c *critic) weights(l int, of device.Vector) (device.Matrix, device.Vector) {
	in, out := c.widths[l], c.widths[l+1]
	return device.NewMatrix(of.Buffer, of.Offset+c.offsets[l], in, out),
		device.NewVector(of.Buffer, of.Offset+c.offsets[l]+in*out, out)
}

// pass is the critic on a batch.
type pass struct {
	*critic
	values []device.Matrix // rows, then each layer's output
	layers []device.LayerGradient
}

// newPass takes rows [B, d] and allocates the rest.
func (c *critic) newPass(rows device.Matrix) *pass {
	p := &pass{critic: c, values: []device.Matrix{rows}}
	for l, out := range c.widths[1:] {
		p.values = append(p.values, c.matrix(rows.Rows, out))
		p.layers = append(p.layers, device.LayerGradient{Input: p.values[l], Delta: c.matrix(rows.Rows, out),
			Weights: c.offsets[l], Bias: c.offsets[l] + c.widths[l]*out})
	}
	return p
}

func (p *pass) activation(l int) device.Activation {
	if l == len(p.layers)-1 {
		return device.Activation{}
	}
	return device.Activation{Kind: device.LeakyReLU}
}

func (p *pass) forward() {
	for l := range p.layers {
		w, b := p.weights(l, p.adam.Parameters)
		p.LinearForward(p.values[l+1], p.values[l], w, b, p.activation(l))
	}
}

// loss sets the last delta; backward takes it down to the first.
func (p *pass) loss(target float32) {
	last := len(p.layers) - 1
	p.LogisticDelta(p.layers[last].Delta, p.values[last+1], target, 1, device.Vector{})
}

func (p *pass) backward() {
	for l := len(p.layers) - 1; l > 0; l-- {
		w, _ := p.weights(l, p.adam.Parameters)
		p.LinearBackwardData(p.layers[l-1].Delta, p.layers[l].Delta, w, p.values[l], p.activation(l-1), false)
	}
}

// sum adds each row's gradient to into.
func (p *pass) sum(into device.Vector) {
	for l, layer := range p.layers {
		dw, db := p.weights(l, into)
		p.LinearBackwardWeights(dw, db, layer.Input, layer.Delta)
	}
}

// flops of the products of a step on batch rows: forward and weights for each
// layer, and the input's gradient for all but the first.
func flops(batch int, widths []int) float64 {
	total := 0.0
	for l := range len(widths) - 1 {
		products := 3.0
		if l == 0 {
			products = 2
		}
		total += products * 2 * float64(batch) * float64(widths[l]) * float64(widths[l+1])
	}
	return total
}
