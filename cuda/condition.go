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
	o.launch("own_condition", across(out.size(), 256), 256, out, read{in}, out.rows, out.cols, p.spans, p.picks, p.conditioned, stream)
}

// DrawCondition draws conditions from published distributions.
func (d *Device) DrawCondition(dst device.Matrix, layout *device.Layout, cumulative device.Vector, rng device.RNG) {
	o := d.begin("DrawCondition")
	p := o.plan(layout)
	if o.failed() {
		return
	}
	c := &conditions{
		plan:   p,
		dst:    o.matrix("dst", dst, dst.Rows, layout.ConditionWidth),
		sums:   o.vector("cumulative", cumulative, layout.ConditionWidth),
		stream: o.draw(rng),
	}
	if !o.failed() {
		d.hold(c)
	}
}

// conditions are a DrawCondition that waits for a Copy of what it draws.
type conditions struct {
	plan      *plan
	dst, copy matrix // copy has no address if there is none
	sums      vector
	stream    draw
}

// admit tells whether the matrix from is what was drawn, and to another place.
func (c *conditions) admit(to, from matrix) bool {
	return c.copy.address == 0 && from == c.dst && apart([]extent{to.extent()}, []extent{c.dst.extent(), c.sums.extent()})
}

func (c *conditions) send(o operation) {
	o.name = "DrawCondition"
	o.launch("draw_condition", across(c.dst.size(), 256), 256, c.dst, c.copy, c.dst.rows, c.dst.cols,
		c.plan.spans, c.plan.picks, c.plan.conditioned, read{c.sums}, c.stream)
}
