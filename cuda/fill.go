//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// Copy copies a matrix.
func (d *Device) Copy(dst, src device.Matrix) {
	o := d.begin("Copy")
	out := o.matrix("dst", dst, src.Rows, src.Cols)
	in := o.matrix("src", src, src.Rows, src.Cols)
	o.launchCopy(across(out.size()), out, in, out.rows, out.cols)
}

// Fill sets every element.
func (d *Device) Fill(dst device.Vector, value float32) {
	o := d.begin("Fill")
	out := o.vector("dst", dst, dst.Len)
	o.launchFill(across(out.n), out, uint64(out.n), value)
}
