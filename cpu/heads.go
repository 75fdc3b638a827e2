package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

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
		r.plan.heads(r.kernels, r.out.row(i), r.second.row(i), r.in.row(i), scores, r.scale)
	}
}

// heads makes one row: exponentials of all cells at once, between two passes
// over the spans. Offsets are tanh z = ±(1-e)/(1+e), e = exp(-2|z|), within 1e-7,
// and as close as float32 comes to ±1, where the gradient hangs on 1-t².
func (p *plan) heads(k *kernels, hard, soft, z, scores []float32, scale float32) {
	clear(hard)
	for i := range p.layout.Spans {
		span := &p.layout.Spans[i]
		if span.Offset {
			scores[span.Start] = -2 * abs(z[span.Start])
		}
		modes := scores[span.ModeStart() : span.ModeStart()+span.Modes()]
		hard[span.ModeStart()+k.descend(modes, scale)] = 1
	}
	k.exp(scores)
	for i := range p.layout.Spans {
		span := &p.layout.Spans[i]
		if span.Offset {
			e := float64(scores[span.Start])
			t := float32((1 - e) / (1 + e))
			if z[span.Start] < 0 {
				t = -t
			}
			hard[span.Start], soft[span.Start] = t, t
		}
		from, to := span.ModeStart(), span.ModeStart()+span.Modes()
		k.share(soft[from:to], scores[from:to])
	}
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

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
		dz, g, s := r.out.row(i), r.in.row(i), r.second.row(i)
		for k := range r.plan.layout.Spans {
			span := &r.plan.layout.Spans[k]
			if span.Offset {
				t := s[span.Start]
				dz[span.Start] = g[span.Start] * (1 - t*t)
			}
			modes := cells{span.ModeStart(), span.ModeStart() + span.Modes()}
			r.shareBack(modes.of(dz), modes.of(g), modes.of(s), r.scale)
		}
	}
}

// ConditionDelta adds the gradient of the cross-entropy with the condition.
func (d *Device) ConditionDelta(dlogits, logits, condition device.Matrix, layout *device.Layout, weight float32) {
	o := d.begin("ConditionDelta")
	p := o.plan(layout)
	if o.failed() {
		return
	}
	out := o.matrix("dlogits", dlogits, logits.Rows, layout.Width)
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	wanted := o.matrix("condition", condition, logits.Rows, layout.ConditionWidth)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).conditionDeltaBlock)
	r.plan, r.out, r.in, r.given, r.scale = p, out, in, wanted, weight
	d.pool.split(in.rows, rowsPerBlock, r)
}

func (r *rowwise) conditionDeltaBlock(w *worker, from, to int) {
	scratch := grow(&w.float32s, r.in.cols)
	for i := from; i < to; i++ {
		c := r.given.row(i)
		span, _ := r.plan.named(c)
		if span < 0 {
			continue
		}
		s := &r.plan.layout.Spans[span]
		modes := cells{s.ModeStart(), s.ModeStart() + s.Modes()}
		chance := modes.of(scratch)
		r.softmax(chance, modes.of(r.in.row(i)))
		dz := modes.of(r.out.row(i))
		for k, q := range chance {
			dz[k] += r.scale * (q - c[s.Condition+k])
		}
	}
}

// cells is a range of columns.
type cells struct{ from, to int }

func (c cells) of(row []float32) []float32 { return row[c.from:c.to] }

// named finds the span and mode that a condition names, -1 if it is all zero.
func (p *plan) named(condition []float32) (span, mode int) {
	for c, v := range condition {
		if v != 0 && p.spanOfCell[c] >= 0 {
			span = p.spanOfCell[c]
			return span, c - p.layout.Spans[span].Condition
		}
	}
	return -1, -1
}

func (o operation) temperature(tau float32) {
	if !(tau > 0) && !o.failed() {
		o.fail("%s: tau=%v: must be > 0", o.name, tau)
	}
}

// softmax writes softmax(x) to dst.
func (k *kernels) softmax(dst, x []float32) {
	copy(dst, x)
	k.descend(dst, 1)
	k.exp(dst)
	k.share(dst, dst)
}
