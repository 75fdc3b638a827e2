package cpu

import "github.com/dpgan/dpgan/device"

// elementsPerBlock is how many elements of an elementwise operation make a block.
const elementsPerBlock = 4096

// Copy copies a matrix.
func (d *Device) Copy(dst, src device.Matrix) {
	o := d.begin("Copy")
	out := o.matrix("dst", dst, src.Rows, src.Cols)
	in := o.matrix("src", src, src.Rows, src.Cols)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).copyBlock)
	r.out, r.in = out, in
	d.pool.split(out.rows, rowsPerBlock, r)
}

func (r *rowwise) copyBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		copy(r.out.row(i), r.in.row(i))
	}
}

// Fill sets every element.
func (d *Device) Fill(dst device.Vector, value float32) {
	o := d.begin("Fill")
	out := o.vector("dst", dst, dst.Len)
	if o.failed() {
		return
	}
	for i := range out {
		out[i] = value
	}
}

// Increment adds one to a counter.
func (d *Device) Increment(counter device.Buffer) {
	o := d.begin("Increment")
	value := o.scalar("counter", counter)
	if o.failed() {
		return
	}
	*value++
}
