//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// OwnCondition takes each row's condition from the row itself.
func (d *Device) OwnCondition(dst, x device.Matrix, layout *device.Layout, rng device.RNG) {
	o := d.begin("OwnCondition")
	p := o.plan(layout)
	if o.failed() {
		return
	}
	out := o.matrix("dst", dst, x.Rows, layout.ConditionWidth)
	in := o.matrix("x", x, x.Rows, layout.Width)
	stream := o.draw(rng)
	o.launch("own_condition", across(out.size(), 256), 256, out, in, out.rows, out.cols, p.spans, p.picks, p.conditioned, stream)
}

// DrawCondition draws conditions from published distributions.
func (d *Device) DrawCondition(dst device.Matrix, layout *device.Layout, cumulative device.Vector, rng device.RNG) {
	o := d.begin("DrawCondition")
	p := o.plan(layout)
	if o.failed() {
		return
	}
	out := o.matrix("dst", dst, dst.Rows, layout.ConditionWidth)
	sums := o.vector("cumulative", cumulative, layout.ConditionWidth)
	stream := o.draw(rng)
	o.launch("draw_condition", across(out.size(), 256), 256, out, out.rows, out.cols, p.spans, p.picks, p.conditioned, sums, stream)
}
