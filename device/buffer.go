package device

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

// Vector is a contiguous view of Len elements of a Float32 buffer.
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

// Table is a table of codes resident on a device. Release frees it.
type Table interface {
	Rows() int
	Release()
}

// Program is a recorded sequence of operations. Run enqueues it; errors
// surface at Device.Sync.
type Program interface{ Run() }
