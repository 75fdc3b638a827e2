//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// leanParts is how many warps add up the squares of a matrix.
const leanParts = 256

// Lean adds pull at share of d's length.
func (d *Device) Lean(delta, pull device.Matrix, share float32) {
	o := d.begin("Lean")
	out := o.matrix("d", delta, delta.Rows, delta.Cols)
	in := o.matrix("pull", pull, delta.Rows, delta.Cols)
	squares := array[float64]{o.scratchFor(2 * 8 * leanParts), 2 * leanParts}
	o.launchLeanSquares(warps(leanParts), squares, out, in, out.rows, out.cols, leanParts)
	o.launchLean(warps(out.rows), out, in, squares, out.rows, out.cols, leanParts, share)
}
