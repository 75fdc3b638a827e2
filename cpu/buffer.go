package cpu

import (
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// buffer is plain memory; the slice of its kind is set.
type buffer struct {
	owner    *Device
	kind     device.Kind
	n        int
	released bool
	float32s []float32
	uint32s  []uint32
	uint64s  []uint64
}

func (b *buffer) Len() int          { return b.n }
func (b *buffer) Kind() device.Kind { return b.kind }

// Release lets go of the memory.
func (b *buffer) Release() {
	if !b.released {
		b.owner.memory.give(b.kind.Bytes(b.n))
	}
	b.released, b.float32s, b.uint32s, b.uint64s = true, nil, nil, nil
}

var errReleased = errors.New("the buffer was released: it has no memory any more")

// Alloc makes a buffer of n zero elements.
func (d *Device) Alloc(kind device.Kind, n int) (made device.Buffer, err error) {
	if d.err != nil {
		return nil, d.err
	}
	if n < 0 || kind > device.Uint64 {
		return nil, fmt.Errorf("cpu: n=%d kind=%d: cannot allocate; n must be >= 0 and the kind one of package device", n, kind)
	}
	bytes := kind.Bytes(n)
	if int64(n) > math.MaxInt64/8 {
		bytes = math.MaxInt64
	}
	if err := d.memory.take(bytes); err != nil {
		return nil, fmt.Errorf("cpu: n=%d: %w", n, err)
	}
	// make panics on a size that no address space holds.
	defer func() {
		if recover() != nil {
			d.memory.give(bytes)
			made, err = nil, fmt.Errorf("cpu: n=%d: %w", n, &device.MemoryError{Requested: bytes, Free: -1})
		}
	}()
	b := &buffer{owner: d, kind: kind, n: n}
	switch kind {
	case device.Float32:
		b.float32s = make([]float32, n)
	case device.Uint32:
		b.uint32s = make([]uint32, n)
	default:
		b.uint64s = make([]uint64, n)
	}
	return b, nil
}

// Upload copies src to dst from element offset on.
func (d *Device) Upload(dst device.Buffer, offset int, src any) {
	if d.err != nil {
		return
	}
	if err := d.transfer(dst, offset, src, true); err != nil {
		d.fail("Upload: %w", err)
	}
}

// Download copies src, from element offset on, into dst.
func (d *Device) Download(dst any, src device.Buffer, offset int) error {
	if d.err != nil {
		return d.err
	}
	if err := d.transfer(src, offset, dst, false); err != nil {
		d.fail("Download: %w", err)
	}
	return d.err
}

// transfer moves host, a slice, into the buffer from offset on, or out of it.
func (d *Device) transfer(on device.Buffer, offset int, host any, in bool) error {
	b, ok := on.(*buffer)
	if !ok || b == nil || b.owner != d {
		return fmt.Errorf("buffer=%T: not a buffer of this device", on)
	}
	if b.released {
		return errReleased
	}
	switch host := host.(type) {
	case []float32:
		return move(b.float32s, b.kind == device.Float32, offset, host, in)
	case []uint32:
		return move(b.uint32s, b.kind == device.Uint32, offset, host, in)
	case []uint64:
		return move(b.uint64s, b.kind == device.Uint64, offset, host, in)
	}
	return fmt.Errorf("slice=%T: must be []float32, []uint32 or []uint64", host)
}

func move[T any](memory []T, sameKind bool, offset int, host []T, in bool) error {
	switch {
	case !sameKind:
		return fmt.Errorf("slice=%T: must be of the buffer's kind", host)
	case offset < 0 || offset > len(memory) || len(host) > len(memory)-offset:
		return fmt.Errorf("offset=%d: %d elements from there do not lie in a buffer of %d", offset, len(host), len(memory))
	case in:
		copy(memory[offset:], host)
	default:
		copy(host, memory[offset:])
	}
	return nil
}
