package cpu

import "github.com/dpgan/dpgan/device"

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
	draw := o.draw(rng)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).headsBlock)
	r.plan, r.out, r.second, r.in, r.draw, r.scale = p, one, smooth, in, draw, 1/tau
	d.pool.split(in.rows, rowsPerBlock, r)
}

func (r *rowwise) headsBlock(w *worker, from, to int) {
	for i := from; i < to; i++ {
		scores := r.uniforms(&w.uniform, r.draw, i*r.in.cols, r.in.cols)
		r.gumbel(scores, r.in.row(i))
		hard := r.out.row(i)
		clear(hard)
		r.softmax(r.second.row(i), scores, hard)
	}
}

// softmax writes softmax(scale·scores) over each span to soft, which may be scores, and
// one-hot at its first maximum to hard, zeros or empty. It spoils scores: their
// exponentials are taken all at once, between two passes over the spans.
func (r *rowwise) softmax(soft, scores, hard []float32) {
	spans := r.plan.layout.Spans
	for k := range spans {
		s := &spans[k]
		if best := r.descend(scores[s.Start:s.End()], r.scale); len(hard) > 0 {
			hard[s.Start+best] = 1
		}
	}
	r.exp(scores)
	for k := range spans {
		s := &spans[k]
		r.share(soft[s.Start:s.End()], scores[s.Start:s.End()])
	}
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
	if o.failed() {
		return
	}
	r := d.start((*rowwise).headsBackBlock)
	r.plan, r.out, r.second, r.in, r.scale = p, out, smooth, in, 1/tau
	d.pool.split(in.rows, rowsPerBlock, r)
}

func (r *rowwise) headsBackBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		dz, g, soft := r.out.row(i), r.in.row(i), r.second.row(i)
		for k := range r.plan.layout.Spans {
			s := &r.plan.layout.Spans[k]
			r.shareBack(dz[s.Start:s.End()], g[s.Start:s.End()], soft[s.Start:s.End()], r.scale)
		}
	}
}

func (o operation) temperature(tau float32) {
	if !(tau > 0) && !o.failed() {
		o.fail("%s: tau=%v: must be > 0", o.name, tau)
	}
}
