//go:build gpu

package cuda

import (
	"errors"
	"unsafe"

	"github.com/dpgan/dpgan/cuda/libcuda"
	"gorgonia.org/cu"
)

// stagingBytes is the size of each half of the staging memory.
const stagingBytes = 4 << 20

// staging is page-locked memory through which uploads go: the GPU fetches from it
// in its own time, and the host does not wait. It has two halves; a half is filled
// again once the GPU has read all of it.
type staging struct {
	memory   unsafe.Pointer
	half     int // that is being filled
	used     int // bytes of it
	read     [2]cu.Event
	inFlight [2]bool // whether the event was recorded
}

func (s *staging) open() (err error) {
	for i := range s.read {
		if s.read[i], err = cu.MakeEvent(cu.DisableTiming); err != nil {
			return err
		}
	}
	s.memory, err = libcuda.Pinned(2 * stagingBytes)
	return err
}

func (s *staging) close() error {
	if s.memory == nil {
		return nil
	}
	failed := []error{cu.MemFreeHost(s.memory)}
	for i := range s.read {
		failed = append(failed, cu.DestroyEvent(&s.read[i]))
	}
	s.memory = nil
	return errors.Join(failed...)
}

// fits tells whether n bytes have room in the half that is being filled.
func (s *staging) fits(n int) bool { return s.used+n <= stagingBytes }

// put keeps a copy of src, which must fit, at an address that is a multiple of 8.
func (s *staging) put(src []byte) unsafe.Pointer {
	at := unsafe.Add(s.memory, s.half*stagingBytes+s.used)
	s.used += (copy(unsafe.Slice((*byte)(at), len(src)), src) + 7) / 8 * 8
	return at
}

// upload puts a copy of src to dst on the stream; src is free for use at once.
func (s *staging) upload(dst cu.DevicePtr, src []byte, stream cu.Stream) error {
	for len(src) > 0 {
		if !s.fits(1) {
			if err := s.turn(stream); err != nil {
				return err
			}
		}
		n := min(len(src), stagingBytes-s.used)
		if err := cu.MemcpyHtoDAsync(dst, s.put(src[:n]), int64(n), stream); err != nil {
			return err
		}
		src, dst = src[n:], dst+cu.DevicePtr(n)
	}
	return nil
}

// upload puts a copy of src to dst on the stream, behind what is deferred: taking up
// the other half of the staging memory must not leave small uploads behind.
func (d *Device) upload(dst cu.DevicePtr, src []byte) error {
	d.flush()
	return d.staging.upload(dst, src, d.stream)
}

// turn takes up the other half, when the GPU is done with it.
func (s *staging) turn(stream cu.Stream) error {
	if err := s.read[s.half].Record(stream); err != nil {
		return err
	}
	s.inFlight[s.half] = true
	s.half, s.used = 1-s.half, 0
	if !s.inFlight[s.half] {
		return nil
	}
	return s.read[s.half].Synchronize()
}
