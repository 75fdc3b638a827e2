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
	d.pool.split(len(into), elementsPerBlock, func(_ *worker, from, to int) {
		into, in := into[from:to], in[from:to]
		for i, v := range in {
			into[i] = decay*into[i] + (1-decay)*v
		}
	})
}
