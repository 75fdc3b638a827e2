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
	d.pool.split(in.rows, rowsPerBlock, func(w *worker, from, to int) {
		scores := grow(&w.float32s, in.cols)
		for i := from; i < to; i++ {
			addGumbel(scores, in.row(i), draw, i*in.cols)
			z, h, s := in.row(i), one.row(i), smooth.row(i)
			for k := range p.layout.Spans {
				span := &p.layout.Spans[k]
				if span.Offset {
					t := float32(math.Tanh(float64(z[span.Start])))
					h[span.Start], s[span.Start] = t, t
				}
				modes := cells{span.ModeStart(), span.ModeStart() + span.Modes()}
				best := softmax(modes.of(s), modes.of(scores), 1/tau)
				clear(modes.of(h))
				modes.of(h)[best] = 1
			}
		}
	})
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
	d.pool.split(in.rows, rowsPerBlock, func(_ *worker, from, to int) {
		for i := from; i < to; i++ {
			dz, g, s := out.row(i), in.row(i), smooth.row(i)
			for k := range p.layout.Spans {
				span := &p.layout.Spans[k]
				if span.Offset {
					t := s[span.Start]
					dz[span.Start] = g[span.Start] * (1 - t*t)
				}
				modes := cells{span.ModeStart(), span.ModeStart() + span.Modes()}
				softmaxBackward(modes.of(dz), modes.of(g), modes.of(s), 1/tau)
			}
		}
	})
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
	d.pool.split(in.rows, rowsPerBlock, func(w *worker, from, to int) {
		scratch := grow(&w.float32s, in.cols)
		for i := from; i < to; i++ {
			c := wanted.row(i)
			span, _ := p.named(c)
			if span < 0 {
				continue
			}
			s := &p.layout.Spans[span]
			modes := cells{s.ModeStart(), s.ModeStart() + s.Modes()}
			chance := modes.of(scratch)
			softmax(chance, modes.of(in.row(i)), 1)
			dz := modes.of(out.row(i))
			for k, q := range chance {
				dz[k] += weight * (q - c[s.Condition+k])
			}
		}
	})
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

// addGumbel sets scores to logits plus Gumbel noise, from number first on.
func addGumbel(scores, logits []float32, draw device.Draw, first int) {
	fillUniform(scores, draw, first)
	negLog(scores)
	negLog(scores)
	for j, v := range logits[:len(scores)] {
		scores[j] += v
	}
}

// softmax writes softmax(scale·x) to dst and returns the first maximum of x.
func softmax(dst, x []float32, scale float32) int {
	best := argmax(x)
	top, sum := x[best], float32(0)
	for k, v := range x {
		e := exp((v - top) * scale)
		dst[k] = e
		sum += e
	}
	inverse := 1 / sum
	for k := range dst {
		dst[k] *= inverse
	}
	return best
}

// softmaxBackward writes scale·s ⊙ (g - ⟨g, s⟩).
func softmaxBackward(dst, g, s []float32, scale float32) {
	inner := float32(0)
	for k, v := range s {
		inner += v * g[k]
	}
	for k, v := range s {
		dst[k] = scale * v * (g[k] - inner)
	}
}
