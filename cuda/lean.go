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
	squares := o.partials(2 * 8 * leanParts)
	o.launch("lean_squares", warps(leanParts), 128, squares, read{out}, read{in}, out.rows, out.cols, leanParts)
	o.launch("lean", warps(out.rows), 128, out, read{in}, read{squares}, out.rows, out.cols, leanParts, share)
}
