//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// FillNormal writes standard normals.
func (d *Device) FillNormal(dst device.Matrix, rng device.RNG) {
	o := d.begin("FillNormal")
	out := o.matrix("dst", dst, dst.Rows, dst.Cols)
	stream := o.draw(rng)
	o.launch("fill_normal", across(ceil(out.size(), 4), 256), 256, out, out.rows, out.cols, stream)
}

// Copy copies a matrix. A copy of conditions that were just drawn is drawn with them.
func (d *Device) Copy(dst, src device.Matrix) {
	o := d.begin("Copy")
	out := o.matrix("dst", dst, src.Rows, src.Cols)
	in := o.matrix("src", src, src.Rows, src.Cols)
	if c, ok := d.pending.(*conditions); ok && !o.failed() && c.admit(out, in) {
		c.copy = out
		return
	}
	o.launch("copy", across(out.size(), 256), 256, out, read{in}, out.rows, out.cols)
}

// Fill sets every element.
func (d *Device) Fill(dst device.Vector, value float32) {
	o := d.begin("Fill")
	out := o.vector("dst", dst, dst.Len)
	o.launch("fill", across(out.n, 256), 256, out, uint64(out.n), value)
}
