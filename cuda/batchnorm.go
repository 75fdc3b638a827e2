//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// normColumns is how many columns a block normalises.
const normColumns = 8

// normLanes is how many threads share the rows of a column, in which the kernels' names
// end; more would find too few.
func normLanes(rows int) string {
	if rows > 1024 {
		return "128"
	}
	return "32"
}

// norm is device.BatchNorm resolved.
type norm struct {
	gamma, beta, mean, inverseStd vector
}

func (o operation) norm(n device.BatchNorm, cols int) norm {
	return norm{
		o.vector("gamma", n.Gamma, cols), o.vector("beta", n.Beta, cols),
		o.vector("mean", n.Mean, cols), o.vector("inverse std", n.InverseStd, cols),
	}
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
	o.launchBatchNormForward(normLanes(in.rows), blocks(ceil(in.cols, normColumns)), out, in, in.rows, in.cols, n.gamma, n.beta, n.mean, n.inverseStd)
}

// BatchNormBackward takes the gradient through BatchNormForward.
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
	o.launchBatchNormBackward(normLanes(in.rows), blocks(ceil(in.cols, normColumns)), out, gradient, in, above, in.rows, in.cols,
		n.gamma, n.mean, n.inverseStd, gamma, beta)
}
