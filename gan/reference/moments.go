package reference

import (
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// moments is the graph of how far the atoms are from what a mean wants, and of its
// gradient by their logits:
//
//	p = softmax(logits)                        [N, D], by column
//	m = 1/N Σ_i p_i                            [1, D]
//	M_s = 1/N Σ_i p_i[Slice_s] p_i p_iᵀ        [D, D]
//	L = Σ OneWeight⊙(m - One)² + Σ_s Σ TwoWeight_s⊙(M_s - Two_s)²
//
// A slice of -1 weighs all atoms by one.
type moments struct {
	*machine
	layout         *device.Layout
	logits, shift  []float64 // leaves [N, D]; shift is the largest logit of each column
	one, oneWeight []float64 // leaves [1, D]
	two, twoWeight [][]float64
	loss           output
	byLogits       output // [N, D]
}

func newMoments(layout *device.Layout, atoms int, slice []int) (*moments, error) {
	e, d := newExpression(), layout.Width
	m := &moments{layout: layout}
	logits, shift, one, oneWeight := node(nil), node(nil), node(nil), node(nil)
	logits, m.logits = e.leaf("logits", atoms, d)
	shift, m.shift = e.leaf("shift", atoms, d)
	one, m.one = e.leaf("one", 1, d)
	oneWeight, m.oneWeight = e.leaf("one weight", 1, d)
	p := newSpans(e, layout).softmax(e.sub(logits, shift))
	cost := e.squares(oneWeight, e.mul(e.fill("average", 1, atoms, 1/float64(atoms)), p), one)
	for _, cell := range slice {
		two, values := e.leaf("two", d, d)
		weight, weights := e.leaf("two weight", d, d)
		m.two, m.twoWeight = append(m.two, values), append(m.twoWeight, weights)
		moment := e.mul(e.transpose(e.times(e.share(p, cell, atoms, d), p)), p)
		cost = e.add(cost, e.squares(weight, moment, two))
	}
	m.loss = e.read(cost)
	m.byLogits = e.gradient(cost, logits)[0]
	var err error
	m.machine, err = e.compile()
	return m, err
}

// squares is Σ weight ⊙ (x - target)².
func (e *expression) squares(weight, x, target node) node {
	return e.total(e.times(weight, e.square(e.sub(x, target))))
}

// share [N, D] is p[cell]/N of each atom, in all columns; 1/N if cell is -1.
func (e *expression) share(p node, cell, atoms, d int) node {
	if cell < 0 {
		return e.fill("share", atoms, d, 1/float64(atoms))
	}
	pick, picks := e.leaf("pick", d, d)
	for j := range d {
		picks[cell*d+j] = 1 / float64(atoms)
	}
	return e.mul(p, pick)
}

// aim sets what is wanted.
func (m *moments) aim(target *nets.Targets) {
	widen(m.one, target.One)
	widen(m.oneWeight, target.OneWeight)
	for s := range m.two {
		widen(m.two[s], target.Two[s])
		widen(m.twoWeight[s], target.TwoWeight[s])
	}
}

// judge computes the loss and its gradient at logits [N, D].
func (m *moments) judge(logits []float64) error {
	copy(m.logits, logits)
	highest(m.shift, logits, m.layout)
	return m.run()
}
