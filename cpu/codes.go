package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// DrawCodes draws rows of codes from logits.
func (d *Device) DrawCodes(codes device.Buffer, logits, condition device.Matrix, layout *device.Layout, rng device.RNG) {
	o := d.begin("DrawCodes")
	p := o.plan(layout)
	if o.failed() {
		return
	}
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	var wanted matrix
	if condition.Buffer != nil {
		wanted = o.matrix("condition", condition, logits.Rows, layout.ConditionWidth)
	}
	out := o.uint32s("codes", codes, logits.Rows*len(layout.Spans))
	draw := o.draw(rng)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).codesBlock)
	r.plan, r.in, r.given, r.words, r.draw = p, in, wanted, out, draw
	d.pool.split(in.rows, rowsPerBlock, r)
}

func (r *rowwise) codesBlock(w *worker, from, to int) {
	spans := r.plan.layout.Spans
	for i := from; i < to; i++ {
		z := r.in.row(i)
		scores := r.uniforms(&w.uniform, r.draw, i*r.in.cols, r.in.cols)
		r.gumbel(scores, z)
		given, wish := -1, -1
		if r.given.rows > 0 {
			given, wish = r.plan.named(r.given.row(i))
		}
		for k := range spans {
			s := &spans[k]
			mode := wish
			if k != given {
				mode = r.descend(scores[s.ModeStart():s.ModeStart()+s.Modes()], 1)
			}
			position := float32(0)
			if s.Offset {
				position = float32(math.Tanh(float64(z[s.Start])))
			}
			r.words[i*len(spans)+k] = s.Code(mode, position)
		}
	}
}
