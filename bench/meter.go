package bench

import (
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
)

// meter is a device that counts what is placed on it.
type meter struct {
	device.Device
	bytes  int64 // of buffers and tables
	tables int64 // of tables alone
}

func (m *meter) Alloc(kind device.Kind, n int) (device.Buffer, error) {
	buffer, err := m.Device.Alloc(kind, n)
	if err == nil {
		size := int64(4)
		if kind == device.Uint64 {
			size = 8
		}
		m.bytes += size * int64(n)
	}
	return buffer, err
}

func (m *meter) NewTable(columns []device.Codes) (device.Table, error) {
	table, err := m.Device.NewTable(columns)
	if err == nil {
		size := tableBytes(columns)
		m.bytes, m.tables = m.bytes+size, m.tables+size
	}
	return table, err
}

func tableBytes(columns []device.Codes) int64 {
	bytes := int64(0)
	for _, c := range columns {
		bytes += int64(len(c.U8)) + 2*int64(len(c.U16)) + 4*int64(len(c.U32))
	}
	return bytes
}

// allocator allocates for a case and keeps the first error.
type allocator struct {
	*meter
	err error
}

func (a *allocator) buffer(kind device.Kind, n int) device.Buffer {
	if a.err != nil {
		return nil
	}
	buffer, err := a.Alloc(kind, n)
	if err != nil {
		a.err = err
	}
	return buffer
}

func (a *allocator) vector(n int) device.Vector {
	return device.NewVector(a.buffer(device.Float32, n), 0, n)
}

// sums is a vector of n integers.
func (a *allocator) sums(n int) device.Vector {
	return device.NewVector(a.buffer(device.Uint64, n), 0, n)
}

func (a *allocator) matrix(rows, cols int) device.Matrix {
	return device.NewMatrix(a.buffer(device.Float32, rows*cols), 0, rows, cols)
}

// filled is a matrix of standard normals.
func (a *allocator) filled(rows, cols int) device.Matrix {
	m := a.matrix(rows, cols)
	if a.err == nil {
		host := make([]float32, rows*cols)
		for i := range host {
			host[i] = float32(rand.NormFloat64())
		}
		a.Upload(m.Buffer, 0, host)
	}
	return m
}
