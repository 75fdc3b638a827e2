package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// normColumns is how many columns make a block: statistics run over all rows of
// a column in order.
const normColumns = 64

// norm is device.BatchNorm resolved.
type norm struct {
	gamma, beta, mean, inverseStd []float32
}

func (o operation) norm(n device.BatchNorm, cols int) norm {
	return norm{
		o.vector("gamma", n.Gamma, cols), o.vector("beta", n.Beta, cols),
		o.vector("mean", n.Mean, cols), o.vector("inverse std", n.InverseStd, cols),
	}
}

// normalisation is BatchNormForward in progress.
type normalisation struct {
	*kernels
	norm
	in, out matrix
	every   []int32 // all rows
	ones    []float32
}

// BatchNormForward normalises each column, then scales, shifts and rectifies.
func (d *Device) BatchNormForward(y, x device.Matrix, state device.BatchNorm) {
	o := d.begin("BatchNormForward")
	out := o.matrix("y", y, x.Rows, x.Cols)
	in := o.matrix("x", x, x.Rows, x.Cols)
	n := o.norm(state, x.Cols)
	if o.failed() || in.rows == 0 {
		return
	}
	every := d.everyRow(in.rows)
	d.normalisation = normalisation{d.kernels, n, in, out, every, d.ones}
	d.pool.split(in.cols, normColumns, &d.normalisation)
}

func (n *normalisation) run(w *worker, from, to int) {
	n.measure(w, from, to)
	factor := grow(&w.float32s, to-from)
	for j := range factor {
		factor[j] = n.gamma[from+j] * n.inverseStd[from+j]
	}
	for i := range n.in.rows {
		n.normalise(n.out.row(i)[from:to], n.in.row(i)[from:to], n.mean[from:to], factor, n.beta[from:to])
	}
}

// measure sets the statistics of columns [from, to).
func (n *normalisation) measure(w *worker, from, to int) {
	sums := grow(&w.float64s, 2*(to-from))
	clear(sums)
	mean, variance := sums[:to-from], sums[to-from:]
	rows := float64(n.in.rows)
	n.sumRows(mean, n.in.data[from:], n.in.stride, n.every, n.ones)
	for j := range mean {
		mean[j] /= rows
	}
	for i := range n.in.rows {
		n.squareDistances(variance, mean, n.in.row(i)[from:to])
	}
	for j := range mean {
		n.mean[from+j] = float32(mean[j])
		n.inverseStd[from+j] = float32(1 / math.Sqrt(variance[j]/rows+device.BatchNormEpsilon))
	}
}

// normGradient is BatchNormBackward in progress.
type normGradient struct {
	*kernels
	norm
	out, gradient, in, above matrix
	dgamma, dbeta            []float32
}

// BatchNormBackward takes the gradient through BatchNormForward: with x̂ the
// normalised x and g = dy where y > 0,
// dx = γ/(B√(v+ε))·(B·g - Σg - x̂·Σ(g·x̂)), dγ += Σ(g·x̂), dβ += Σg.
func (d *Device) BatchNormBackward(dx, dy, x, y device.Matrix, state device.BatchNorm, dgamma, dbeta device.Vector) {
	o := d.begin("BatchNormBackward")
	n := normGradient{
		kernels:  d.kernels,
		out:      o.matrix("dx", dx, x.Rows, x.Cols),
		gradient: o.matrix("dy", dy, x.Rows, x.Cols),
		in:       o.matrix("x", x, x.Rows, x.Cols),
		above:    o.matrix("y", y, x.Rows, x.Cols),
		norm:     o.norm(state, x.Cols),
		dgamma:   o.vector("dgamma", dgamma, x.Cols),
		dbeta:    o.vector("dbeta", dbeta, x.Cols),
	}
	if o.failed() || n.in.rows == 0 {
		return
	}
	d.normGradient = n
	d.pool.split(x.Cols, normColumns, &d.normGradient)
}

func (n *normGradient) run(w *worker, from, to int) {
	cols := to - from
	sums := grow(&w.float64s, 2*cols)
	clear(sums)
	plain, weighted := sums[:cols], sums[cols:]
	mean, inverse := n.mean[from:to], n.inverseStd[from:to]
	for i := range n.in.rows {
		n.normSums(plain, weighted, n.gradient.row(i)[from:to], n.in.row(i)[from:to], n.above.row(i)[from:to], mean, inverse)
	}
	means := grow(&w.float32s, 3*cols)
	factor, meanPlain, meanWeighted := means[:cols], means[cols:2*cols], means[2*cols:]
	for j := range cols {
		n.dgamma[from+j] += float32(weighted[j])
		n.dbeta[from+j] += float32(plain[j])
		meanPlain[j] = float32(plain[j] / float64(n.in.rows))
		meanWeighted[j] = float32(weighted[j] / float64(n.in.rows))
		factor[j] = n.gamma[from+j] * inverse[j]
	}
	for i := range n.in.rows {
		n.normBack(n.out.row(i)[from:to], n.gradient.row(i)[from:to], n.in.row(i)[from:to], n.above.row(i)[from:to],
			mean, inverse, factor, meanPlain, meanWeighted)
	}
}
