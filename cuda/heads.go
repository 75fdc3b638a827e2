//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// warps is a grid of n warps, four a block.
func warps(n int) grid { return across(32*n, 128) }

// HeadsForward turns logits into rows.
func (d *Device) HeadsForward(hard, soft, logits device.Matrix, layout *device.Layout, tau float32, rng device.RNG) {
	o := d.begin("HeadsForward")
	p := o.plan(layout)
	o.temperature(tau)
	if o.failed() {
		return
	}
	one := o.matrix("hard", hard, logits.Rows, layout.Width)
	smooth := o.matrix("soft", soft, logits.Rows, layout.Width)
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	stream := o.draw(rng)
	o.launch("heads_forward", warps(in.rows*len(p.Spans)), 128, one, smooth, read{in}, in.rows, in.cols, p.spans, len(p.Spans), 1/tau, stream)
}

// HeadsBackward takes the gradient from rows to logits.
func (d *Device) HeadsBackward(dlogits, dRow, soft device.Matrix, layout *device.Layout, tau float32) {
	o := d.begin("HeadsBackward")
	p := o.plan(layout)
	o.temperature(tau)
	if o.failed() {
		return
	}
	out := o.matrix("dlogits", dlogits, dRow.Rows, layout.Width)
	in := o.matrix("d", dRow, dRow.Rows, layout.Width)
	smooth := o.matrix("soft", soft, dRow.Rows, layout.Width)
	o.launch("heads_backward", warps(in.rows*len(p.Spans)), 128, out, read{in}, read{smooth}, in.rows, p.spans, len(p.Spans), 1/tau)
}

func (o operation) temperature(tau float32) {
	if !(tau > 0) {
		o.fail("%s: tau=%v: must be > 0", o.name, tau)
	}
}
