//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// MovingAverage moves the average towards value.
func (d *Device) MovingAverage(average, value device.Vector, decay float32) {
	o := d.begin("MovingAverage")
	into := o.vector("average", average, average.Len)
	in := o.vector("value", value, average.Len)
	o.launch("moving_average", across(into.n, 256), 256, into, in, uint64(into.n), decay, 1-decay)
}
