package cpu

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
	draw := o.draw(rng)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).ownConditionBlock)
	r.plan, r.out, r.in, r.draw = p, out, in, draw
	d.pool.split(out.rows, rowsPerBlock, r)
}

func (r *rowwise) ownConditionBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		row := r.out.row(i)
		clear(row)
		if s := r.plan.pick(r.draw.Uniform(i)); s != nil {
			copy(row[s.Condition:], r.in.row(i)[s.ModeStart():s.ModeStart()+s.Modes()])
		}
	}
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
	draw := o.draw(rng)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).drawConditionBlock)
	r.plan, r.out, r.vector, r.draw = p, out, sums, draw
	d.pool.split(out.rows, rowsPerBlock, r)
}

func (r *rowwise) drawConditionBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		row := r.out.row(i)
		clear(row)
		if s := r.plan.pick(r.draw.Uniform(2 * i)); s != nil {
			k := s.Condition
			for v := r.draw.Uniform(2*i + 1); k < s.Condition+s.Modes()-1 && v >= r.vector[k]; {
				k++
			}
			row[k] = 1
		}
	}
}

// pick is the conditioned span that u in (0, 1) falls on, nil if there is none.
func (p *plan) pick(u float32) *device.Span {
	n := len(p.conditioned)
	if n == 0 {
		return nil
	}
	return &p.layout.Spans[p.conditioned[min(int(u*float32(n)), n-1)]]
}
