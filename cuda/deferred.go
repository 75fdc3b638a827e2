//go:build gpu

package cuda

import "gorgonia.org/cu"

// deferred is work that was asked for, but waits for what comes next, which may join
// it: then one launch does for several operations. All that is no part of it, and
// all who wait for the GPU, send it off first, so that the order stays.
type deferred interface{ send(o operation) }

// flush sends off what is deferred.
func (d *Device) flush() {
	if p := d.deferred; p != nil {
		d.deferred = nil
		p.send(operation{Device: d})
	}
}

// deferWork defers p, behind what is.
func (d *Device) deferWork(p deferred) {
	d.flush()
	d.deferred = p
}

// extent is the memory from one address up to another.
type extent struct{ from, to cu.DevicePtr }

func (m matrix) extent() extent {
	if m.rows == 0 || m.cols == 0 {
		return extent{}
	}
	return extent{m.address, m.address + cu.DevicePtr(4*((m.rows-1)*m.stride+m.cols))}
}

// disjoint tells that none of a meets one of b.
func disjoint(a, b []extent) bool {
	for _, x := range a {
		for _, y := range b {
			if x.from < y.to && y.from < x.to {
				return false
			}
		}
	}
	return true
}
