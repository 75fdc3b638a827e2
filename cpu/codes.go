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
	spans := len(layout.Spans)
	out := o.uint32s("codes", codes, logits.Rows*spans)
	draw := o.draw(rng)
	if o.failed() {
		return
	}
	d.pool.split(in.rows, rowsPerBlock, func(w *worker, from, to int) {
		scores := grow(&w.float32s, in.cols)
		for i := from; i < to; i++ {
			addGumbel(scores, in.row(i), draw, i*in.cols)
			given, wish := -1, -1
			if wanted.rows > 0 {
				given, wish = p.named(wanted.row(i))
			}
			for k := range p.layout.Spans {
				s := &p.layout.Spans[k]
				mode := argmax(scores[s.ModeStart() : s.ModeStart()+s.Modes()])
				if k == given {
					mode = wish
				}
				position := float32(0)
				if s.Offset {
					position = float32(math.Tanh(float64(in.row(i)[s.Start])))
				}
				out[i*spans+k] = s.Code(mode, position)
			}
		}
	})
}

// argmax is the first maximum.
func argmax(x []float32) int {
	best := 0
	for k, v := range x {
		if v > x[best] {
			best = k
		}
	}
	return best
}
