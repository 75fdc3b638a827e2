package tabular

// coder maps the cells of one column, missing ones aside, to the codes
// [0, size()) and back. Codes ascend with the value.
type coder interface {
	size() uint64
	// encode reads a trimmed cell; ok is false if it is no value of the column.
	encode(cell string) (code uint32, ok bool)
	// refuse says what is wrong with a cell that encode refused, and the fix.
	refuse(cell string) string
	// append writes the canonical text of a code below size().
	append(dst []byte, code uint32) []byte
	// value is the number that a code stands for.
	value(code uint32) float64
}

// A numberCoder takes numbers of binary formats without the way through text.
type numberCoder interface {
	encodeInt(v int64) (uint32, bool)
	encodeFloat(v float64) (uint32, bool)
}
