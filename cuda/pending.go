//go:build gpu

package cuda

import "gorgonia.org/cu"

// pending is work that was asked for, but waits for what comes next, which may join
// it: then one launch does for several operations. All that is no part of it, and
// all who wait for the GPU, send it off first, so that the order stays.
type pending interface{ send(o operation) }

// flush sends off what is pending.
func (d *Device) flush() {
	if p := d.pending; p != nil {
		d.pending = nil
		p.send(operation{Device: d})
	}
}

// hold makes p pending, behind what is.
func (d *Device) hold(p pending) {
	d.flush()
	d.pending = p
}

// extent is the memory from one address up to another.
type extent struct{ from, to cu.DevicePtr }

func (m matrix) extent() extent {
	if m.rows == 0 || m.cols == 0 {
		return extent{}
	}
	return extent{m.address, m.address + cu.DevicePtr(4*((m.rows-1)*m.stride+m.cols))}
}

func (v vector) extent() extent   { return extent{v.address, v.address + cu.DevicePtr(4*v.n)} }
func (v integers) extent() extent { return extent{v.address, v.address + cu.DevicePtr(8*v.n)} }

// apart tells that none of a meets one of b.
func apart(a, b []extent) bool {
	for _, x := range a {
		for _, y := range b {
			if x.from < y.to && y.from < x.to {
				return false
			}
		}
	}
	return true
}
