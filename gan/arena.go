package gan

import "github.com/dpgan/dpgan/device"

// arena allocates the buffers of a net, up to the first error, which it keeps.
type arena struct {
	dev device.Device
	err error
}

func (a *arena) buffer(kind device.Kind, n int) device.Buffer {
	if a.err != nil {
		return nil
	}
	var buffer device.Buffer
	buffer, a.err = a.dev.Alloc(kind, n)
	return buffer
}

func (a *arena) vector(n int) device.Vector {
	return device.NewVector(a.buffer(device.Float32, n), 0, n)
}

func (a *arena) matrix(rows, cols int) device.Matrix {
	return device.NewMatrix(a.buffer(device.Float32, rows*cols), 0, rows, cols)
}

func (a *arena) counter() device.Buffer { return a.buffer(device.Uint64, 1) }
