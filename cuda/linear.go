//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// LinearForward is an affine layer and its activation.
func (d *Device) LinearForward(y, x, w device.Matrix, b device.Vector, act device.Activation) {
	o := d.begin("LinearForward")
	out := o.matrix("y", y, x.Rows, w.Cols)
	in := o.matrix("x", x, x.Rows, w.Rows)
	weights := o.matrix("w", w, x.Cols, w.Cols)
	bias := o.vector("b", b, w.Cols)
	f := o.activation(act)
	o.multiply(product{
		out: out, left: in, right: weights, act: f,
		own: func(out, in, weights matrix) {
			t := o.tile(out.rows, out.cols)
			o.launchLinearForward(t.name, t.grid(out.rows, out.cols), out, in, weights, bias, out.rows, in.cols, out.cols,
				int(f.kind), f.dropout, f.keep, f.draw.seed, f.draw.step, f.draw.stream)
		},
		epilogue: func(out matrix) {
			o.launchLinearForwardEpilogue(across(out.size()), out, bias, out.rows, out.cols,
				int(f.kind), f.dropout, f.keep, f.draw.seed, f.draw.step, f.draw.stream)
		},
	}, true)
}

// LinearBackwardData takes the gradient through an affine layer and the activation
// below it.
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
	o.multiply(product{
		out: out, left: in, right: weights, transposed: true, act: f,
		own: func(out, in, weights matrix) {
			t := o.tile(out.rows, out.cols)
			o.launchLinearBackwardData(t.name, t.grid(out.rows, out.cols), out, in, weights, below, out.rows, in.cols, out.cols,
				int(f.kind), f.dropout, f.keep, accumulate)
		},
		epilogue: func(out matrix) {
			if f.kind != device.Identity {
				o.launchLinearBackwardDataEpilogue(across(out.size()), out, below, out.rows, out.cols, int(f.kind), f.dropout, f.keep)
			}
		},
	}, !accumulate)
}
