//go:build gpu

package cuda

import (
	"slices"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// Increment adds one to a counter. Several, one after the other, are one launch.
func (d *Device) Increment(counter device.Buffer) {
	o := d.begin("Increment")
	value := o.scalar("counter", counter)
	if o.failed() {
		return
	}
	if c, ok := d.pending.(*counters); ok && c.admit(value) {
		c.all = append(c.all, value)
		return
	}
	d.hold(&counters{all: []cu.DevicePtr{value}})
}

// countersPerLaunch is how many counters the kernel takes.
const countersPerLaunch = 4

// counters are counters that wait to be incremented together.
type counters struct{ all []cu.DevicePtr }

func (c *counters) admit(value cu.DevicePtr) bool {
	return len(c.all) < countersPerLaunch && !slices.Contains(c.all, value)
}

func (c *counters) send(o operation) {
	o.name = "Increment"
	var all [countersPerLaunch]cu.DevicePtr
	copy(all[:], c.all)
	o.launch("increment", grid{1, 1, 1}, 32, all[0], all[1], all[2], all[3])
}
