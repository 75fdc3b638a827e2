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
	if p, ok := d.pending.(interface{ join(counter extent) bool }); ok && p.join(value) {
		return
	}
	d.hold(&counters{value})
}

// countersPerLaunch is how many counters a kernel takes.
const countersPerLaunch = 4

// counters are counters that wait to be incremented together.
type counters []extent

// join adds a counter, if it may be incremented with the others.
func (c *counters) join(value extent) bool {
	if len(*c) == countersPerLaunch || slices.Contains(*c, value) {
		return false
	}
	*c = append(*c, value)
	return true
}

// arguments are the counters as kernels take them.
func (c counters) arguments() []any {
	all := make([]any, countersPerLaunch)
	for i := range all {
		all[i] = extent{}
		if i < len(c) {
			all[i] = c[i]
		}
	}
	return all
}

func (c *counters) send(o operation) {
	o.name = "Increment"
	o.launch("increment", grid{1, 1, 1}, 32, c.arguments()...)
}
