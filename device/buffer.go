package device

import "slices"

// Kind is the element type of a Buffer.
type Kind uint8

// The element types that operations use.
const (
	Float32 Kind = iota
	Uint32
	Uint64
)

// Buffer is memory of one device. Only the device that made it can look inside.
type Buffer interface {
	// Len is the number of elements.
	Len() int
	// Kind is the element type.
	Kind() Kind
	// Release frees the memory, when what was enqueued is done with it. What uses
	// the buffer afterwards, a recorded program included, is an error that Sync
	// returns. Releasing twice, or after the device is closed, is harmless.
	Release()
}

// Bytes is the memory of n elements of a kind.
func (k Kind) Bytes(n int) int64 {
	if k == Uint64 {
		return 8 * int64(n)
	}
	return 4 * int64(n)
}

// Matrix is a row-major view [Rows, Cols] of a Float32 buffer. Element (i, j)
// lies at Offset + i*Stride + j, so a range of columns or rows is a view too:
// concatenation costs nothing.
type Matrix struct {
	Buffer             Buffer
	Offset, Rows, Cols int
	Stride             int
}

// NewMatrix views all of buffer, from offset on, as [rows, cols].
func NewMatrix(buffer Buffer, offset, rows, cols int) Matrix {
	return Matrix{Buffer: buffer, Offset: offset, Rows: rows, Cols: cols, Stride: cols}
}

// Columns is the view of columns [from, to).
func (m Matrix) Columns(from, to int) Matrix {
	m.Offset += from
	m.Cols = to - from
	return m
}

// RowRange is the view of rows [from, to).
func (m Matrix) RowRange(from, to int) Matrix {
	m.Offset += from * m.Stride
	m.Rows = to - from
	return m
}

// Vector is a contiguous view of Len elements of a buffer, Float32 unless said otherwise.
type Vector struct {
	Buffer      Buffer
	Offset, Len int
}

// NewVector views elements [offset, offset+n) of buffer.
func NewVector(buffer Buffer, offset, n int) Vector {
	return Vector{Buffer: buffer, Offset: offset, Len: n}
}

// Codes is one column of a table: the code of each row in the narrowest type
// that holds it. Exactly one field is set.
type Codes struct {
	U8  []uint8
	U16 []uint16
	U32 []uint32
}

// Len is the number of rows.
func (c Codes) Len() int { return len(c.U8) + len(c.U16) + len(c.U32) }

// At is the code of row i.
func (c Codes) At(i int) uint32 {
	switch {
	case c.U8 != nil:
		return uint32(c.U8[i])
	case c.U16 != nil:
		return uint32(c.U16[i])
	default:
		return c.U32[i]
	}
}

// Limit is the least number that all codes lie below: one more than the largest.
func (c Codes) Limit() int {
	if c.Len() == 0 {
		return 0
	}
	switch {
	case c.U8 != nil:
		return int(slices.Max(c.U8)) + 1
	case c.U16 != nil:
		return int(slices.Max(c.U16)) + 1
	default:
		return int(slices.Max(c.U32)) + 1
	}
}

// Table is a table of codes resident on a device. Release frees it.
type Table interface {
	Rows() int
	Release()
}

// Program is a recorded sequence of operations.
type Program interface {
	// Run enqueues the operations; errors surface at Device.Sync.
	Run()
	// Release frees what the program holds, when what was enqueued is done. Running
	// it afterwards is an error.
	Release()
}
