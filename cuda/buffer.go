//go:build gpu

package cuda

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// buffer is memory of the GPU; an empty one has no address.
type buffer struct {
	owner    *Device
	kind     device.Kind
	n        int
	address  cu.DevicePtr
	released bool
}

func (b *buffer) Len() int          { return b.n }
func (b *buffer) Kind() device.Kind { return b.kind }

func (b *buffer) gone() bool { return b.released }

// Release frees the memory, when what was enqueued is done with it.
func (b *buffer) Release() {
	if !b.released && b.owner.release("Release of a buffer", b.address) {
		b.released = true
	}
}

// Alloc makes a buffer of n zero elements.
func (d *Device) Alloc(kind device.Kind, n int) (device.Buffer, error) {
	if d.err != nil {
		return nil, d.err
	}
	if n < 0 || kind > device.Uint64 || n > math.MaxInt64/8 {
		return nil, fmt.Errorf("cuda: n=%d kind=%d: cannot allocate; n must be >= 0 and the kind one of package device", n, kind)
	}
	if d.recording != nil {
		return nil, fmt.Errorf("cuda: %sAlloc: not an operation: allocate before Record", d.place)
	}
	b := &buffer{owner: d, kind: kind, n: n}
	if n == 0 {
		return b, nil
	}
	err := d.do(func() (err error) {
		bytes := kind.Bytes(n)
		if b.address, err = d.alloc(bytes); err != nil {
			return err
		}
		return cu.MemsetD8Async(b.address, 0, bytes, d.stream)
	})
	if err != nil {
		return nil, fmt.Errorf("cuda: n=%d: %w", n, explain(err))
	}
	return b, nil
}

// Upload copies src to dst from element offset on, behind what was enqueued. Small
// uploads, one after the other, are one launch.
func (d *Device) Upload(dst device.Buffer, offset int, src any) {
	if d.err != nil {
		return
	}
	address, host, err := d.transfer(dst, offset, src)
	if err == nil && d.recording != nil {
		err = fmt.Errorf("not an operation: upload before Record, or between runs")
	}
	if err == nil && len(host) > 0 {
		if len(host) <= smallUpload {
			err = d.batchUpload(address, host)
		} else {
			err = d.do(func() error { return d.upload(address, host) })
		}
	}
	if err != nil {
		d.fail("Upload: %w", err)
	}
}

// Download waits for the GPU and copies src, from element offset on, into dst.
func (d *Device) Download(dst any, src device.Buffer, offset int) error {
	if d.err != nil {
		return d.err
	}
	address, host, err := d.transfer(src, offset, dst)
	if err == nil {
		err = d.do(func() error {
			if err := d.settle(); err != nil || len(host) == 0 {
				return err
			}
			return cu.MemcpyDtoH(unsafe.Pointer(&host[0]), address, int64(len(host)))
		})
	}
	if err != nil {
		d.fail("Download: %w", err)
	}
	return d.err
}

// transfer is where element offset of a buffer lies, and the bytes of host, a slice
// of the buffer's kind.
func (d *Device) transfer(on device.Buffer, offset int, host any) (cu.DevicePtr, []byte, error) {
	b, ok := on.(*buffer)
	if !ok || b == nil || b.owner != d {
		return 0, nil, fmt.Errorf("buffer=%T: not a buffer of this device", on)
	}
	if b.released {
		return 0, nil, errReleased
	}
	var kind device.Kind
	var n int
	var bytes []byte
	switch host := host.(type) {
	case []float32:
		kind, n, bytes = device.Float32, len(host), bytesOf(host)
	case []uint32:
		kind, n, bytes = device.Uint32, len(host), bytesOf(host)
	case []uint64:
		kind, n, bytes = device.Uint64, len(host), bytesOf(host)
	default:
		return 0, nil, fmt.Errorf("slice=%T: must be []float32, []uint32 or []uint64", host)
	}
	if kind != b.kind {
		return 0, nil, fmt.Errorf("slice=%T: must be of the buffer's kind", host)
	}
	if offset < 0 || offset > b.n || n > b.n-offset {
		return 0, nil, fmt.Errorf("offset=%d: %d elements from there do not lie in a buffer of %d", offset, n, b.n)
	}
	return b.address + cu.DevicePtr(kind.Bytes(offset)), bytes, nil
}

// bytesOf is the memory of a slice.
func bytesOf[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}
