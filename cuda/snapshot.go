//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// slot is page-locked memory into which the GPU copies in its own time, and the
// event that tells that it has.
type slot struct {
	memory unsafe.Pointer
	bytes  int
	copied cu.Event
}

// snapshot is a copy of a vector on its way to the host.
type snapshot struct {
	owner *Device
	n     int
	slot  *slot // nil if nothing is on its way
}

// Snapshot puts a copy to the host on the stream, and waits for nothing.
func (d *Device) Snapshot(src device.Vector) device.Snapshot {
	o := d.begin("Snapshot")
	v := o.vector("src", src, src.Len)
	s := &snapshot{owner: d, n: v.n}
	if !o.failed() && d.recording != nil {
		o.fail("Snapshot: not an operation: take it between runs")
	}
	if d.flush(); o.failed() || v.n == 0 {
		return s
	}
	err := d.do(func() (err error) {
		if s.slot, err = d.slot(4 * v.n); err != nil {
			return err
		}
		if err = cu.MemcpyDtoHAsync(s.slot.memory, v.address, int64(4*v.n), d.stream); err != nil {
			return err
		}
		return s.slot.copied.Record(d.stream)
	})
	if err != nil {
		o.fail("Snapshot: %w", err)
	}
	return s
}

// Read waits for the copy and takes it.
func (s *snapshot) Read(dst []float32) error {
	d := s.owner
	switch {
	case d.err != nil:
		return d.err
	case len(dst) != s.n:
		return fmt.Errorf("cuda: Snapshot: dst=[%d]: must be [%d], as what was copied", len(dst), s.n)
	case s.n == 0:
		return nil
	case s.slot == nil:
		return errors.New("cuda: Snapshot: it was read before")
	}
	if err := d.do(s.slot.copied.Synchronize); err != nil {
		d.fail("Snapshot: %w", err)
		return d.err
	}
	copy(bytesOf(dst), unsafe.Slice((*byte)(s.slot.memory), 4*s.n))
	d.idleSlots = append(d.idleSlots, s.slot)
	s.slot = nil
	return nil
}

// slot is one of at least bytes that nobody waits for.
func (d *Device) slot(bytes int) (*slot, error) {
	for i, s := range d.idleSlots {
		if s.bytes >= bytes {
			d.idleSlots = append(d.idleSlots[:i], d.idleSlots[i+1:]...)
			return s, nil
		}
	}
	s := &slot{bytes: bytes}
	var err error
	if s.memory, err = libcuda.Pinned(bytes); err != nil {
		return nil, err
	}
	d.slots = append(d.slots, s)
	s.copied, err = cu.MakeEvent(cu.DisableTiming)
	return s, err
}

func (s *slot) close() error {
	failed := cu.MemFreeHost(s.memory)
	if s.copied != (cu.Event{}) {
		failed = errors.Join(failed, cu.DestroyEvent(&s.copied))
	}
	return failed
}
