package reference

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// straight is the graph that takes a gradient at hard one-hot rows back to the logits
// that they were drawn from, straight through to the soft ones (Jang, Gu, Poole 2017):
//
//	soft = softmax((logits + g)/τ)       [N, D], by column
//	cost = Σ soft ⊙ pull
//
// with the Gumbel noise g, and pull, the gradient at the hard rows, held constant.
type straight struct {
	*machine
	logits, noise, pull []float64 // leaves [N, D]; noise is g less each column's highest logit + g
	cost                output
	byLogits            output // [N, D]
}

func newStraight(layout *device.Layout, atoms int, temperature float64) (*straight, error) {
	e, d := newExpression(), layout.Width
	s := &straight{}
	logits, noise, pull := node(nil), node(nil), node(nil)
	logits, s.logits = e.leaf("logits", atoms, d)
	noise, s.noise = e.leaf("noise", atoms, d)
	pull, s.pull = e.leaf("pull", atoms, d)
	scores := e.times(e.add(logits, noise), e.fill("1/tau", atoms, d, 1/float64(float32(temperature))))
	cost := e.total(e.times(newSpans(e, layout).softmax(scores), pull))
	s.cost = e.read(cost)
	s.byLogits = e.gradient(cost, logits)[0]
	var err error
	s.machine, err = e.compile()
	return s, err
}

// fakes are a row drawn of each atom.
type fakes struct {
	rows   []float64 // [N, D], one-hot at the highest logit + g of each column
	noise  []float64 // [N, D], as straight has it
	margin float64   // the least by which a cell won against the next best
}

func newFakes(logits []float64, layout *device.Layout, d draws) *fakes {
	f := &fakes{rows: make([]float64, len(logits)), noise: make([]float64, len(logits)), margin: math.Inf(1)}
	for from := 0; from < len(logits); from += layout.Width {
		for k := range layout.Spans {
			first := from + layout.Spans[k].Start
			f.choose(logits, first, first+layout.Spans[k].Modes(), d)
		}
	}
	return f
}

// choose makes the cells [first, last) of one column.
func (f *fakes) choose(logits []float64, first, last int, d draws) {
	best, highest, next := first, math.Inf(-1), math.Inf(-1)
	for cell := first; cell < last; cell++ {
		f.noise[cell] = d.gumbel(cell)
		score := logits[cell] + f.noise[cell]
		if score > highest {
			best, highest, score = cell, score, highest
		}
		next = math.Max(next, score)
	}
	f.rows[best] = 1
	for cell := first; cell < last; cell++ {
		f.noise[cell] -= highest
	}
	f.margin = math.Min(f.margin, highest-next)
}
