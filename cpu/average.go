package cpu

import "github.com/dpgan/dpgan/device"

// MovingAverage moves the average towards value.
func (d *Device) MovingAverage(average, value device.Vector, decay float32) {
	o := d.begin("MovingAverage")
	into := o.vector("average", average, average.Len)
	in := o.vector("value", value, average.Len)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).averageBlock)
	r.vector, r.into, r.scale = in, into, decay
	d.pool.split(len(into), elementsPerBlock, r)
}

func (r *rowwise) averageBlock(_ *worker, from, to int) {
	r.average(r.into[from:to], r.vector[from:to], r.scale, 1-r.scale)
}
