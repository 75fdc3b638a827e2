package devicetest

import "github.com/dpgan/dpgan/device"

// Cramped has no buffer of more than Most bytes.
type Cramped struct {
	device.Device
	Most int64
}

// Alloc refuses a buffer of more than Most bytes.
func (c Cramped) Alloc(kind device.Kind, n int) (device.Buffer, error) {
	if bytes := kind.Bytes(n); bytes > c.Most {
		return nil, &device.MemoryError{Requested: bytes, Free: c.Most}
	}
	return c.Device.Alloc(kind, n)
}
