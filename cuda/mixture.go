//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// Softmax makes distributions of logits.
func (d *Device) Softmax(p, logits device.Matrix, layout *device.Layout) {
	o := d.begin("Softmax")
	t := o.layoutTables(layout)
	if o.failed() {
		return
	}
	out := o.matrix("p", p, logits.Rows, layout.Width)
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	o.launchSoftmaxSpans(warps(in.rows*len(t.Spans)), out, in, in.rows, t.spans, len(t.Spans))
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
	losses := array[float64]{o.scratchFor(8 * cells), cells}
	o.launchMomentOne(warps(cells), sum, losses, in, atoms, cells, one, weight)
	o.launchMomentLoss(blocks(1), total, losses, cells, true)
	if delta.Buffer != nil {
		out := o.matrix("d", delta, atoms, cells)
		o.launchMomentBegin(across(out.size()), out, sum, atoms, cells)
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
		o.launchMomentWeigh(across(in.size()), share, weighed, in, atoms, cells, slice)
		d.twoWay(o, delta, p, m, s, total)
	}
}

// twoWay adds what slice s contributes to delta and total.
func (d *Device) twoWay(o operation, delta, p device.Matrix, m *device.Moments, s int, total vector) {
	atoms, cells := p.Rows, p.Cols
	moment := o.matrix("moment", m.Moment, cells, cells)
	target, weight := o.matrix("two", m.Two[s], cells, cells), o.matrix("two weight", m.TwoWeight[s], cells, cells)
	scale := 1 / float32(atoms)
	o.launchMomentClear(across(cells*cells), moment, cells)
	d.LinearBackwardWeights(m.Moment, m.Sum, p, m.Product)
	losses := array[float64]{o.scratchFor(8 * cells), cells}
	o.launchMomentResidual(warps(cells), moment, target, weight, losses, cells, scale)
	o.launchMomentLoss(blocks(1), total, losses, cells, false)
	if delta.Buffer == nil {
		return
	}
	d.Fill(m.Sum, 0)
	d.LinearForward(m.Product, p, m.Moment, m.Sum, device.Activation{})
	out, in := o.matrix("d", delta, atoms, cells), o.matrix("p", p, atoms, cells)
	product, share := o.matrix("product", m.Product, atoms, cells), o.vector("share", m.Share, atoms)
	o.launchMomentGradient(warps(atoms), out, product, in, share, atoms, cells, m.Slice[s], scale)
}
