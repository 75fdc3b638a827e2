//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// MovingAverage moves the average towards value. That of parameters which were just
// updated is moved with them.
func (d *Device) MovingAverage(average, value device.Vector, decay float32) {
	o := d.begin("MovingAverage")
	into := o.vector("average", average, average.Len)
	in := o.vector("value", value, average.Len)
	if u, ok := d.deferred.(*update); ok && !o.failed() && u.admit(into, in) {
		u.average, u.decay = into, decay
		return
	}
	o.launchMovingAverage(across(into.n), into, in, uint64(into.n), decay, 1-decay)
}
