package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// normColumns is how many columns make a block: statistics run over all rows of
// a column in order.
const normColumns = 32

// norm is device.BatchNorm resolved.
type norm struct {
	gamma, beta, mean, inverseStd, runningMean, runningVar []float32
}

func (o operation) norm(n device.BatchNorm, cols int) norm {
	return norm{
		o.vector("gamma", n.Gamma, cols), o.vector("beta", n.Beta, cols),
		o.vector("mean", n.Mean, cols), o.vector("inverse std", n.InverseStd, cols),
		o.vector("running mean", n.RunningMean, cols), o.vector("running var", n.RunningVar, cols),
	}
}

// BatchNormForward normalises each column, then scales, shifts and rectifies.
func (d *Device) BatchNormForward(y, x device.Matrix, state device.BatchNorm, training bool) {
	o := d.begin("BatchNormForward")
	out := o.matrix("y", y, x.Rows, x.Cols)
	in := o.matrix("x", x, x.Rows, x.Cols)
	n := o.norm(state, x.Cols)
	if o.failed() || in.rows == 0 {
		return
	}
	d.pool.split(in.cols, normColumns, func(w *worker, from, to int) {
		factor := grow(&w.float32s, 2*(to-from))
		shift := factor[to-from:]
		if training {
			n.measure(w, in, from, to)
		}
		for j := from; j < to; j++ {
			mean, inverse := n.runningMean[j], inverseStd(float64(n.runningVar[j]))
			if training {
				mean, inverse = n.mean[j], n.inverseStd[j]
			}
			factor[j-from] = n.gamma[j] * inverse
			shift[j-from] = mean
		}
		for i := range in.rows {
			src, dst := in.row(i)[from:to], out.row(i)[from:to]
			for j, v := range src {
				dst[j] = max(0, (v-shift[j])*factor[j]+n.beta[from+j])
			}
		}
	})
}

func inverseStd(variance float64) float32 {
	return float32(1 / math.Sqrt(variance+device.BatchNormEpsilon))
}

// measure sets the statistics of columns [from, to) of the batch.
func (n *norm) measure(w *worker, x matrix, from, to int) {
	sums := grow(&w.float64s, 2*(to-from))
	clear(sums)
	mean, variance := sums[:to-from], sums[to-from:]
	rows := float64(x.rows)
	for i := range x.rows {
		for j, v := range x.row(i)[from:to] {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= rows
	}
	for i := range x.rows {
		for j, v := range x.row(i)[from:to] {
			difference := float64(v) - mean[j]
			variance[j] += difference * difference
		}
	}
	const weight = device.BatchNormMomentum
	for j := range mean {
		n.mean[from+j] = float32(mean[j])
		n.inverseStd[from+j] = inverseStd(variance[j] / rows)
		unbiased := variance[j] / max(rows-1, 1)
		n.runningMean[from+j] = float32((1-weight)*float64(n.runningMean[from+j]) + weight*mean[j])
		n.runningVar[from+j] = float32((1-weight)*float64(n.runningVar[from+j]) + weight*unbiased)
	}
}

// BatchNormBackward takes the gradient through BatchNormForward: with x̂ the
// normalised x and g = dy where y > 0,
// dx = γ/(B√(v+ε))·(B·g - Σg - x̂·Σ(g·x̂)), dγ += Σ(g·x̂), dβ += Σg.
func (d *Device) BatchNormBackward(dx, dy, x, y device.Matrix, state device.BatchNorm, dgamma, dbeta device.Vector) {
	o := d.begin("BatchNormBackward")
	out := o.matrix("dx", dx, x.Rows, x.Cols)
	gradient := o.matrix("dy", dy, x.Rows, x.Cols)
	in := o.matrix("x", x, x.Rows, x.Cols)
	above := o.matrix("y", y, x.Rows, x.Cols)
	n := o.norm(state, x.Cols)
	gamma, beta := o.vector("dgamma", dgamma, x.Cols), o.vector("dbeta", dbeta, x.Cols)
	if o.failed() || in.rows == 0 {
		return
	}
	d.pool.split(in.cols, normColumns, func(w *worker, from, to int) {
		sums := grow(&w.float64s, 2*(to-from))
		clear(sums)
		plain, weighted := sums[:to-from], sums[to-from:]
		mean, inverse := n.mean[from:to], n.inverseStd[from:to]
		for i := range in.rows {
			v, active := in.row(i)[from:to], above.row(i)[from:to]
			for j, g := range gradient.row(i)[from:to] {
				if active[j] > 0 {
					plain[j] += float64(g)
					weighted[j] += float64(g) * float64((v[j]-mean[j])*inverse[j])
				}
			}
		}
		for j := range plain {
			gamma[from+j] += float32(weighted[j])
			beta[from+j] += float32(plain[j])
			plain[j] /= float64(in.rows)
			weighted[j] /= float64(in.rows)
		}
		for i := range in.rows {
			v, active, to := in.row(i)[from:to], above.row(i)[from:to], out.row(i)[from:to]
			for j, g := range gradient.row(i)[from : from+len(to)] {
				if !(active[j] > 0) {
					g = 0
				}
				normalised := (v[j] - mean[j]) * inverse[j]
				to[j] = n.gamma[from+j] * inverse[j] * (g - float32(plain[j]) - normalised*float32(weighted[j]))
			}
		}
	})
}
