//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// Softmax makes distributions of logits.
func (d *Device) Softmax(p, logits device.Matrix, layout *device.Layout) {
	o := d.begin("Softmax")
	plan := o.plan(layout)
	if o.failed() {
		return
	}
	out := o.matrix("p", p, logits.Rows, layout.Width)
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	o.launch("softmax_spans", warps(in.rows*len(plan.Spans)), 128, out, read{in}, in.rows, plan.spans, len(plan.Spans))
}

// MomentDelta fits tables: per slice one product for the moments, one for the
// gradient, and a pass over the table between them.
func (d *Device) MomentDelta(delta, p device.Matrix, m *device.Moments, loss device.Vector) {
	o := d.begin("MomentDelta")
	atoms, cells := p.Rows, p.Cols
	in := o.matrix("p", p, atoms, cells)
	one, weight := o.vector("one", m.One, cells), o.vector("one weight", m.OneWeight, cells)
	sum, share := o.vector("sum", m.Sum, cells), o.vector("share", m.Share, atoms)
	total := o.vector("loss", loss, 1)
	if !o.failed() && (len(m.Two) != len(m.Slice) || len(m.TwoWeight) != len(m.Slice)) {
		o.fail("MomentDelta: %d tables, %d weights, %d slices: must be as many", len(m.Two), len(m.TwoWeight), len(m.Slice))
	}
	losses := o.partials(8 * cells)
	o.launch("moment_one", warps(cells), 128, sum, losses, read{in}, atoms, cells, read{one}, read{weight})
	o.launch("moment_loss", grid{1, 1, 1}, 32, total, read{losses}, cells, true)
	if delta.Buffer != nil {
		out := o.matrix("d", delta, atoms, cells)
		o.launch("moment_begin", across(out.size(), 256), 256, out, read{sum}, atoms, cells)
	}
	for s, slice := range m.Slice {
		if o.failed() {
			return
		}
		if slice < -1 || slice >= cells {
			o.fail("MomentDelta: slice=%d: must be -1 or a cell of %d", slice, cells)
			return
		}
		weighed := o.matrix("product", m.Product, atoms, cells)
		o.launch("moment_weigh", across(in.size(), 256), 256, share, weighed, read{in}, atoms, cells, slice)
		d.twoWay(o, delta, p, m, s, total)
	}
}

// twoWay adds what slice s contributes to delta and total.
func (d *Device) twoWay(o operation, delta, p device.Matrix, m *device.Moments, s int, total vector) {
	atoms, cells := p.Rows, p.Cols
	moment := o.matrix("moment", m.Moment, cells, cells)
	target, weight := o.matrix("two", m.Two[s], cells, cells), o.matrix("two weight", m.TwoWeight[s], cells, cells)
	scale := 1 / float32(atoms)
	o.launch("moment_clear", across(cells*cells, 256), 256, moment, cells)
	d.LinearBackwardWeights(m.Moment, m.Sum, p, m.Product)
	losses := o.partials(8 * cells)
	o.launch("moment_residual", warps(cells), 128, moment, read{target}, read{weight}, losses, cells, scale)
	o.launch("moment_loss", grid{1, 1, 1}, 32, total, read{losses}, cells, false)
	if delta.Buffer == nil {
		return
	}
	d.Fill(m.Sum, 0)
	d.LinearForward(m.Product, p, m.Moment, m.Sum, device.Activation{})
	out, in := o.matrix("d", delta, atoms, cells), o.matrix("p", p, atoms, cells)
	product, share := o.matrix("product", m.Product, atoms, cells), o.vector("share", m.Share, atoms)
	o.launch("moment_gradient", warps(atoms), 128, out, read{product}, read{in}, read{share}, atoms, cells, m.Slice[s], scale)
}
