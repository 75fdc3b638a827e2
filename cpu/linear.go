package cpu

import "github.com/dpgan/dpgan/device"

// linear is an affine layer, or the way back through it, in progress.
type linear struct {
	product
	act        activation
	below      matrix // the output of the layer below, for its derivative
	weights    matrix // of the layer, if sparse is set
	sparse     *sparse
	forward    bool
	accumulate bool
}

// LinearForward is an affine layer and its activation.
func (d *Device) LinearForward(y, x, w device.Matrix, b device.Vector, act device.Activation) {
	o := d.begin("LinearForward")
	out := o.matrix("y", y, x.Rows, w.Cols)
	in := o.matrix("x", x, x.Rows, w.Rows)
	weights := o.matrix("w", w, x.Cols, w.Cols)
	bias := o.vector("b", b, w.Cols)
	f := o.activation(act)
	if o.failed() || out.rows == 0 || out.cols == 0 {
		return
	}
	d.linear = linear{act: f, forward: true}
	d.linear.product = product{kernels: d.kernels, a: in, c: out, start: bias}
	d.linear.rounded = d.rounds(weights.rows, weights.cols)
	if !d.linear.rounded && d.findSparse(in) {
		d.linear.weights, d.linear.sparse = weights, &d.sparse
	}
	if d.linear.sparse == nil || !d.linear.sparse.whole() {
		d.linear.b = d.pack(weights, false, d.linear.rounded)
	}
	d.pool.split(out.rows, d.linear.blockRows(d.pool), &d.linear)
}

// LinearBackwardData takes the gradient through an affine layer and the
// activation below it.
func (d *Device) LinearBackwardData(dx, dy, w, x device.Matrix, act device.Activation, accumulate bool) {
	o := d.begin("LinearBackwardData")
	out := o.matrix("dx", dx, dy.Rows, w.Rows)
	in := o.matrix("dy", dy, dy.Rows, w.Cols)
	weights := o.matrix("w", w, w.Rows, w.Cols)
	f := o.activation(act)
	var below matrix
	if f.kind != device.Identity {
		below = o.matrix("x", x, dy.Rows, w.Rows)
	}
	if o.failed() || out.rows == 0 || out.cols == 0 {
		return
	}
	rounded := d.rounds(weights.rows, weights.cols)
	d.linear = linear{act: f, below: below, accumulate: accumulate}
	d.linear.product = product{kernels: d.kernels, a: in, b: d.pack(weights, true, rounded), c: out, start: d.zeros(out.cols), rounded: rounded}
	if accumulate && f.kind == device.Identity {
		d.linear.start = nil
	}
	d.pool.split(out.rows, d.linear.blockRows(d.pool), &d.linear)
}

// zeros is n zeros, never written.
func (d *Device) zeros(n int) []float32 {
	if len(d.zero) < n {
		d.zero = make([]float32, n)
	}
	return d.zero[:n]
}

func (l *linear) run(w *worker, from, to int) {
	switch {
	case l.forward:
		if l.sparse != nil {
			l.gather(w, from, to)
		} else {
			l.product.run(w, from, to)
		}
		for i := from; i < to; i++ {
			l.act.apply(l.kernels, w, l.c.row(i), i*l.c.cols)
		}
	case l.act.kind == device.Identity:
		l.product.run(w, from, to)
	case !l.accumulate && l.a.cols == 1 && l.c.cols > 1:
		l.outer(from, to)
	case !l.accumulate:
		l.product.run(w, from, to)
		for i := from; i < to; i++ {
			l.act.derive(l.kernels, l.c.row(i), l.below.row(i))
		}
	default:
		l.added(w, from, to)
	}
}

// gather is the product where rows may be nearly all zeros.
func (l *linear) gather(w *worker, from, to int) {
	for i := from; i < to; i++ {
		columns, values, few := l.sparse.row(i)
		if !few {
			first := i
			for i+1 < to && l.sparse.counts[i+1] == manyElements {
				i++
			}
			l.product.run(w, first, i+1)
			continue
		}
		copy(l.c.row(i), l.start)
		l.gatherRows(l.c.row(i), l.weights.data, l.weights.stride, columns, values)
	}
}

// outer is a block of a product of one term and its derivative. Packed, the only
// column of weights lies in one run.
func (l *linear) outer(from, to int) {
	for i := from; i < to; i++ {
		l.deriveScaled(l.c.row(i), l.b, l.below.row(i), l.a.row(i)[0], l.act.keep, l.act.keep*l.act.slope())
	}
}

// added computes a block in scratch, as its derivative comes before the sum.
func (l *linear) added(w *worker, from, to int) {
	p, cols := l.product, l.c.cols
	p.c = matrix{grow(&w.float32s, (to-from)*cols), to - from, cols, cols}
	p.a.data, p.a.rows = p.a.at(from, 0), to-from
	p.run(w, 0, to-from)
	for i := range to - from {
		l.act.derive(l.kernels, p.c.row(i), l.below.row(from+i))
		l.add(l.c.row(from+i), p.c.row(i))
	}
}
