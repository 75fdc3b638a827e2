//go:build gpu

package cuda

import (
	"math"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// operation turns the arguments of one operation into addresses and records what
// does not fit, with the operation's name. Once the device has an error, its
// methods return zero values and launch nothing.
type operation struct {
	*Device
	name string
}

func (d *Device) begin(name string) operation { return operation{d, name} }

func (o operation) failed() bool { return o.err != nil }

// matrix is a row-major view: element (i, j) is the float at address + 4·(i·stride + j).
type matrix struct {
	address            cu.DevicePtr
	rows, cols, stride int
}

// size is the number of elements.
func (m matrix) size() int { return m.rows * m.cols }

// draw is a device.RNG resolved.
type draw struct {
	seed, step integers
	stream     uint32
}

// matrix resolves a view that must be [rows, cols].
func (o operation) matrix(name string, m device.Matrix, rows, cols int) matrix {
	if o.failed() {
		return matrix{}
	}
	if m.Rows != rows || m.Cols != cols {
		o.fail("%s: %s=[%d, %d]: must be [%d, %d] to fit the other operands", o.name, name, m.Rows, m.Cols, rows, cols)
		return matrix{}
	}
	if rows == 0 || cols == 0 {
		return matrix{rows: rows, cols: cols, stride: cols}
	}
	b := o.memoryOf(name, m.Buffer, device.Float32)
	if b == nil {
		return matrix{}
	}
	if rows < 0 || cols < 0 || m.Offset < 0 || m.Offset > b.n || m.Stride < cols ||
		cols > b.n-m.Offset || rows-1 > (b.n-m.Offset-cols)/m.Stride {
		o.fail("%s: %s=[%d, %d] offset %d stride %d: does not lie in its buffer of %d", o.name, name, rows, cols, m.Offset, m.Stride, b.n)
		return matrix{}
	}
	if max(rows, m.Stride) > math.MaxInt32 {
		o.fail("%s: %s=[%d, %d] stride %d: a GPU takes at most %d; use smaller batches", o.name, name, rows, cols, m.Stride, math.MaxInt32)
		return matrix{}
	}
	return matrix{b.address + cu.DevicePtr(4*m.Offset), rows, cols, m.Stride}
}

// vector resolves a view that must have n elements, integers one of a Uint64 buffer.
func (o operation) vector(name string, v device.Vector, n int) vector {
	if from := o.start(name, v, n, device.Float32); from != 0 {
		return vector{from, n}
	}
	return vector{}
}

func (o operation) integers(name string, v device.Vector, n int) integers {
	if from := o.start(name, v, n, device.Uint64); from != 0 {
		return integers{from, n}
	}
	return integers{}
}

// start is where a view begins that must have n elements of kind, 0 if there are none.
func (o operation) start(name string, v device.Vector, n int, kind device.Kind) cu.DevicePtr {
	if o.failed() {
		return 0
	}
	if v.Len != n {
		o.fail("%s: %s=[%d]: must be [%d] to fit the other operands", o.name, name, v.Len, n)
		return 0
	}
	if n == 0 {
		return 0
	}
	b := o.memoryOf(name, v.Buffer, kind)
	if b == nil {
		return 0
	}
	if n < 0 || v.Offset < 0 || v.Offset > b.n || n > b.n-v.Offset {
		o.fail("%s: %s=[%d] offset %d: does not lie in its buffer of %d", o.name, name, n, v.Offset, b.n)
		return 0
	}
	return b.address + cu.DevicePtr(kind.Bytes(v.Offset))
}

// part is elements [offset, offset+n) of v.
func (o operation) part(name string, v integers, offset, n int) integers {
	if o.failed() || n == 0 {
		return integers{}
	}
	if n < 0 || offset < 0 || offset > v.n || n > v.n-offset {
		o.fail("%s: %s: %d elements from %d on do not lie in %d", o.name, name, n, offset, v.n)
		return integers{}
	}
	return integers{v.address + cu.DevicePtr(8*offset), n}
}

// uint32s resolves a buffer of at least n words, scalar a Uint64[1].
func (o operation) uint32s(name string, on device.Buffer, n int) array[uint32] {
	return array[uint32]{o.elements(name, on, device.Uint32, n), n}
}

func (o operation) scalar(name string, on device.Buffer) integers {
	return integers{o.elements(name, on, device.Uint64, 1), 1}
}

func (o operation) draw(rng device.RNG) draw {
	return draw{o.scalar("seed", rng.Seed), o.scalar("step", rng.Step), rng.Stream}
}

func (o operation) elements(name string, on device.Buffer, kind device.Kind, n int) cu.DevicePtr {
	b := o.memoryOf(name, on, kind)
	if b == nil {
		return 0
	}
	if b.n < n || n < 0 {
		o.fail("%s: %s=[%d]: must have %d elements", o.name, name, b.n, n)
		return 0
	}
	return b.address
}

func (o operation) memoryOf(name string, on device.Buffer, kind device.Kind) *buffer {
	if o.failed() {
		return nil
	}
	b, ok := on.(*buffer)
	if !ok || b == nil || b.owner != o.Device {
		o.fail("%s: %s=%T: not a buffer of this device; make it with Alloc", o.name, name, on)
		return nil
	}
	if b.released {
		o.fail("%s: %s: %w", o.name, name, errReleased)
		return nil
	}
	if b.kind != kind {
		o.fail("%s: %s has kind %d: must be %d", o.name, name, b.kind, kind)
		return nil
	}
	if o.recording != nil {
		o.recording.buffers[b] = struct{}{}
	}
	return b
}
