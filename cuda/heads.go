//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// HeadsForward turns logits into rows.
func (d *Device) HeadsForward(hard, soft, logits device.Matrix, layout *device.Layout, tau float32, rng device.RNG) {
	o := d.begin("HeadsForward")
	t := o.layoutTables(layout)
	o.temperature(tau)
	if o.failed() {
		return
	}
	one := o.matrix("hard", hard, logits.Rows, layout.Width)
	smooth := o.matrix("soft", soft, logits.Rows, layout.Width)
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	random := o.draw(rng)
	o.launchHeadsForward(warps(in.rows*len(t.Spans)), one, smooth, in, in.rows, in.cols, t.spans, len(t.Spans), 1/tau, random.seed, random.step, random.stream)
}

// HeadsBackward takes the gradient from rows to logits.
func (d *Device) HeadsBackward(dlogits, dRow, soft device.Matrix, layout *device.Layout, tau float32) {
	o := d.begin("HeadsBackward")
	t := o.layoutTables(layout)
	o.temperature(tau)
	if o.failed() {
		return
	}
	out := o.matrix("dlogits", dlogits, dRow.Rows, layout.Width)
	in := o.matrix("d", dRow, dRow.Rows, layout.Width)
	smooth := o.matrix("soft", soft, dRow.Rows, layout.Width)
	o.launchHeadsBackward(warps(in.rows*len(t.Spans)), out, in, smooth, in.rows, t.spans, len(t.Spans), 1/tau)
}

func (o operation) temperature(tau float32) {
	if !(tau > 0) {
		o.fail("%s: tau=%v: must be > 0", o.name, tau)
	}
}
