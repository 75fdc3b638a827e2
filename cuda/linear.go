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
			o.launch("linear_forward_"+t.name, t.grid(out.rows, out.cols), t.threads,
				out, read{in}, read{weights}, read{bias}, out.rows, in.cols, out.cols, f, f.draw)
		},
		rest: func(out matrix) {
			o.launch("linear_forward_rest", across(out.size(), 256), 256, out, read{bias}, out.rows, out.cols, f, f.draw)
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
		out: out, left: in, right: weights, along: true, act: f,
		own: func(out, in, weights matrix) {
			t := o.tile(out.rows, out.cols)
			o.launch("linear_backward_data_"+t.name, t.grid(out.rows, out.cols), t.threads,
				out, read{in}, read{weights}, read{below}, out.rows, in.cols, out.cols, f, accumulate)
		},
		rest: func(out matrix) {
			if f.kind != device.Identity {
				o.launch("linear_backward_data_rest", across(out.size(), 256), 256, out, read{below}, out.rows, out.cols, f)
			}
		},
	}, !accumulate)
}
