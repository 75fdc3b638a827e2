package nets

import "github.com/dpgan/dpgan/device"

// allocator allocates the buffers of a net, up to the first error, which it keeps.
type allocator struct {
	dev device.Device
	err error
}

func (a *allocator) buffer(kind device.Kind, n int) device.Buffer {
	if a.err != nil {
		return nil
	}
	var buffer device.Buffer
	buffer, a.err = a.dev.Alloc(kind, n)
	return buffer
}

func (a *allocator) vector(n int) device.Vector {
	return device.NewVector(a.buffer(device.Float32, n), 0, n)
}

func (a *allocator) matrix(rows, cols int) device.Matrix {
	return device.NewMatrix(a.buffer(device.Float32, rows*cols), 0, rows, cols)
}

func (a *allocator) counter() device.Buffer { return a.buffer(device.Uint64, 1) }
