package bench

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// codeWidth is that of a generator's codes.
const codeWidth = 64

// generatorWork is a step of a generator without hidden layers: from codes to atoms, the
// discriminator's gradient at them, and back. It sees no rows; the mode says whose it is.
func (s pairShape) generatorWork() work {
	layout := s.layout()
	d, n := float64(layout.Width), float64(s.atoms)
	w := work{name: fmt.Sprintf("generator %d atoms x %d cells", s.atoms, layout.Width), batch: s.atoms, dim: layout.Width, modes: []string{private},
		flops: 2 * n * d * (3*codeWidth + 2*float64(s.target)*d), // each slice's table, and its product with p
		bytes: 4 * int64(layout.Width) * int64((2*s.target+1)*layout.Width+6*s.atoms)}
	w.build = func(a allocator) ([]contender, error) {
		g := newFitted(&a, s, layout)
		if a.err != nil {
			return nil, a.err
		}
		return []contender{{mode: private, run: a.Record("generator step", g.step).Run, sync: a.Sync}}, nil
	}
	return w
}

// fitted is a generator and what it is fitted to.
type fitted struct {
	*allocator
	layout                        *device.Layout
	codes, logits, p, dp, dlogits device.Matrix
	dcodes                        device.Matrix
	heads, learned                device.Adam // of the heads and of the codes
	gradient                      device.Vector
	target                        *device.Moments
	loss                          device.Vector
}

func newFitted(a *allocator, s pairShape, layout *device.Layout) *fitted {
	n, d := s.atoms, layout.Width
	g := &fitted{allocator: a, layout: layout, codes: a.filled(n, codeWidth), logits: a.matrix(n, d), p: a.matrix(n, d), dp: a.matrix(n, d), dlogits: a.matrix(n, d),
		dcodes: a.matrix(n, codeWidth), gradient: a.vector((codeWidth + 1) * d), loss: a.vector(1),
		target: &device.Moments{One: a.vector(d), OneWeight: a.vector(d), Moment: a.matrix(d, d), Product: a.matrix(n, d), Share: a.vector(n), Sum: a.vector(d)}}
	for v := range s.target {
		m := g.target
		m.Two, m.TwoWeight, m.Slice = append(m.Two, a.matrix(d, d)), append(m.TwoWeight, a.matrix(d, d)), append(m.Slice, d-s.target+v)
	}
	g.heads, g.learned = a.adam(a.vector((codeWidth+1)*d)), a.adam(device.NewVector(g.codes.Buffer, 0, n*codeWidth))
	if a.err == nil {
		g.begin()
	}
	return g
}

// adam is gan's of a generator, at a learning rate of 0.
func (a *allocator) adam(parameters device.Vector) device.Adam {
	return device.Adam{Parameters: parameters, First: a.vector(parameters.Len), Second: a.vector(parameters.Len),
		LearningRate: a.buffer(device.Float32, 1), Step: a.buffer(device.Uint64, 1), Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-12}
}

// begin draws weights that make logits of order 1, and aims at even, independent columns.
func (g *fitted) begin() {
	d, m := g.layout.Width, g.target
	weights, draw, std := make([]float32, codeWidth*d), device.Draw{}, float32(math.Sqrt(1./codeWidth))
	for i := range weights {
		weights[i] = std * draw.Normal(i)
	}
	g.Upload(g.heads.Parameters.Buffer, 0, weights)
	one, two := make([]float32, d), make([]float32, d*d)
	for _, span := range g.layout.Spans {
		for k := span.Start; k < span.End(); k++ {
			one[k] = 1 / float32(span.Modes())
		}
	}
	for k := range two {
		two[k] = one[k/d] * one[k%d] * one[d-1]
	}
	g.Upload(m.One.Buffer, 0, one)
	g.Fill(m.OneWeight, 1)
	for s := range m.Two {
		g.Upload(m.Two[s].Buffer, 0, two)
		g.Fill(device.NewVector(m.TwoWeight[s].Buffer, 0, d*d), 1)
	}
}

// step is gan's, of a generator whose codes go straight to the heads.
func (g *fitted) step() {
	d, w, dw := g.layout.Width, g.heads.Parameters, g.gradient
	weight, dweight := device.NewMatrix(w.Buffer, 0, codeWidth, d), device.NewMatrix(dw.Buffer, 0, codeWidth, d)
	g.LinearForward(g.logits, g.codes, weight, device.NewVector(w.Buffer, codeWidth*d, d), device.Activation{})
	g.Softmax(g.p, g.logits, g.layout)
	g.MomentDelta(g.dp, g.p, g.target, g.loss)
	g.HeadsBackward(g.dlogits, g.dp, g.p, g.layout, 1)
	g.LinearBackwardWeights(dweight, device.NewVector(dw.Buffer, codeWidth*d, d), g.codes, g.dlogits)
	g.LinearBackwardData(g.dcodes, g.dlogits, weight, g.codes, device.Activation{}, false)
	g.Increment(g.heads.Step)
	g.Increment(g.learned.Step)
	g.AdamUpdate(g.heads, g.gradient)
	g.AdamUpdate(g.learned, device.NewVector(g.dcodes.Buffer, 0, g.learned.Parameters.Len))
}
