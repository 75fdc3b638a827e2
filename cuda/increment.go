//go:build gpu

package cuda

import (
	"slices"

	"github.com/dpgan/dpgan/device"
)

// Increment adds one to a counter. Several, one after the other, are one launch, and
// part of that of the sums before them.
func (d *Device) Increment(counter device.Buffer) {
	o := d.begin("Increment")
	value := o.scalar("counter", counter)
	if o.failed() {
		return
	}
	if p, ok := d.deferred.(interface{ join(counter integers) bool }); ok && p.join(value) {
		return
	}
	d.deferWork(&counters{value})
}

// countersPerLaunch is how many counters a kernel takes.
const countersPerLaunch = 4

// counters are counters that wait to be incremented together.
type counters []integers

// join adds a counter, if it may be incremented with the others.
func (c *counters) join(value integers) bool {
	if len(*c) == countersPerLaunch || slices.Contains(*c, value) {
		return false
	}
	*c = append(*c, value)
	return true
}

// arguments are the counters as kernels take them.
func (c counters) arguments() (all [countersPerLaunch]integers) {
	copy(all[:], c)
	return all
}

func (c *counters) send(o operation) {
	o.name = "Increment"
	o.launchIncrement(blocks(1), c.arguments())
}
