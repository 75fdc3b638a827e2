package cpu

import "github.com/dpgan/dpgan/device"

// operation turns the arguments of one operation into slices and records what
// does not fit, with the operation's name. Once the device has an error, its
// methods return zero values.
type operation struct {
	*Device
	name string
}

func (d *Device) begin(name string) operation { return operation{d, name} }

func (o operation) failed() bool { return o.err != nil }

// matrix is a row-major view: element (i, j) is data[i*stride+j].
type matrix struct {
	data               []float32
	rows, cols, stride int
}

// row is row i.
func (m *matrix) row(i int) []float32 {
	at := i * m.stride
	return m.data[at : at+m.cols : at+m.cols]
}

// at is the data from element (i, j) on, empty if the matrix is.
func (m *matrix) at(i, j int) []float32 {
	if m.rows == 0 || m.cols == 0 {
		return nil
	}
	return m.data[i*m.stride+j:]
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
	b := o.bufferOf(name, m.Buffer, device.Float32)
	if b == nil {
		return matrix{}
	}
	n := len(b.float32s)
	if rows < 0 || cols < 0 || m.Offset < 0 || m.Offset > n || m.Stride < cols ||
		cols > n-m.Offset || rows-1 > (n-m.Offset-cols)/m.Stride {
		o.fail("%s: %s=[%d, %d] offset %d stride %d: does not lie in its buffer of %d", o.name, name, rows, cols, m.Offset, m.Stride, n)
		return matrix{}
	}
	end := m.Offset + (rows-1)*m.Stride + cols
	return matrix{b.float32s[m.Offset:end:end], rows, cols, m.Stride}
}

// vector resolves a view that must have n elements.
func (o operation) vector(name string, v device.Vector, n int) []float32 {
	if o.failed() {
		return nil
	}
	if v.Len != n {
		o.fail("%s: %s=[%d]: must be [%d] to fit the other operands", o.name, name, v.Len, n)
		return nil
	}
	if n == 0 {
		return []float32{}
	}
	b := o.bufferOf(name, v.Buffer, device.Float32)
	if b == nil {
		return nil
	}
	if n < 0 || v.Offset < 0 || v.Offset > len(b.float32s) || n > len(b.float32s)-v.Offset {
		o.fail("%s: %s=[%d] offset %d: does not lie in its buffer of %d", o.name, name, n, v.Offset, len(b.float32s))
		return nil
	}
	return b.float32s[v.Offset : v.Offset+n : v.Offset+n]
}

// uint32s resolves a buffer of at least n words.
func (o operation) uint32s(name string, on device.Buffer, n int) []uint32 {
	b := o.bufferOf(name, on, device.Uint32)
	if b == nil || !o.holds(name, len(b.uint32s), n) {
		return nil
	}
	return b.uint32s[:n]
}

// scalar resolves a Uint64[1].
func (o operation) scalar(name string, on device.Buffer) *uint64 {
	b := o.bufferOf(name, on, device.Uint64)
	if b == nil || !o.holds(name, len(b.uint64s), 1) {
		return new(uint64)
	}
	return &b.uint64s[0]
}

// uint64s resolves a view that must have n elements of Uint64.
func (o operation) uint64s(name string, v device.Vector, n int) []uint64 {
	if o.failed() {
		return nil
	}
	if v.Len != n {
		o.fail("%s: %s=[%d]: must be [%d] to fit the other operands", o.name, name, v.Len, n)
		return nil
	}
	b := o.bufferOf(name, v.Buffer, device.Uint64)
	if b == nil {
		return nil
	}
	return o.span(name, b.uint64s, v.Offset, n)
}

// span is elements [offset, offset+n) of words.
func (o operation) span(name string, words []uint64, offset, n int) []uint64 {
	if o.failed() {
		return nil
	}
	if n < 0 || offset < 0 || offset > len(words) || n > len(words)-offset {
		o.fail("%s: %s: %d elements from %d on do not lie in %d", o.name, name, n, offset, len(words))
		return nil
	}
	return words[offset : offset+n : offset+n]
}

// draw reads out an RNG.
func (o operation) draw(rng device.RNG) device.Draw {
	seed, step := o.scalar("seed", rng.Seed), o.scalar("step", rng.Step)
	return device.Draw{Seed: *seed, Step: *step, Stream: rng.Stream}
}

func (o operation) bufferOf(name string, on device.Buffer, kind device.Kind) *buffer {
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
	return b
}

func (o operation) holds(name string, have, need int) bool {
	if have < need || need < 0 {
		o.fail("%s: %s=[%d]: must have %d elements", o.name, name, have, need)
	}
	return !o.failed()
}
