package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// Lean adds pull at share of d's length.
func (d *Device) Lean(delta, pull device.Matrix, share float32) {
	o := d.begin("Lean")
	out := o.matrix("d", delta, delta.Rows, delta.Cols)
	in := o.matrix("pull", pull, delta.Rows, delta.Cols)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).squaresBlock)
	r.out, r.in, r.squares = out, in, grow(&d.sums, 2*out.rows)
	d.pool.split(out.rows, rowsPerBlock, r)
	length, other := 0.0, 0.0
	for i := range out.rows {
		length += r.squares[2*i]
		other += r.squares[2*i+1]
	}
	r.scale = float32(float64(share) * math.Sqrt(length/other))
	if r.scale == 0 || r.scale-r.scale != 0 {
		return // pull is infinite, or there is none
	}
	r.block = (*rowwise).leanBlock
	d.pool.split(out.rows, rowsPerBlock, r)
}

func (r *rowwise) squaresBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		r.squares[2*i], r.squares[2*i+1] = r.sumSquares(r.out.row(i)), r.sumSquares(r.in.row(i))
	}
}

func (r *rowwise) leanBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		r.axpy(r.out.row(i), r.in.row(i), r.scale)
	}
}
