package tabular

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Codec is a compiled schema: the code grids of its learned columns, all but
// the ids, which are numbered j = 0, 1, … in the order of the schema. It is
// immutable and safe for concurrent use. Methods that take j panic if it is
// not in [0, len(Learned())), as an index does.
type Codec struct {
	schema   Schema
	learned  []int // indices into schema.Columns
	columns  []learnedColumn
	counters []counter // of the id columns, in order
	missing  []string
}

// learnedColumn is one learned column.
type learnedColumn struct {
	name     string
	coder    coder
	values   uint32 // codes other than missing
	nullable bool
	spikes   []uint32 // ascending codes
	fine     []uint32 // edges of the public histogram
	takesAll bool     // no cell is refused
	other    uint32   // the code of cells without one of their own, if takesAll
}

// addSpike records the code of a spike; each may be declared once.
func (c *learnedColumn) addSpike(code int64, spike float64, fail func(string, ...any)) {
	at, taken := slices.BinarySearch(c.spikes, uint32(code))
	if taken {
		fail("spike=%v: declared twice: remove one", spike)
		return
	}
	c.spikes = slices.Insert(c.spikes, at, uint32(code))
}

// size counts the codes, missing included.
func (c *learnedColumn) size() uint32 {
	if c.nullable {
		return c.values + 1
	}
	return c.values
}

// Schema is a copy of the compiled schema. Bounds are normalised: numbers to
// float64, dates to text in the column's format.
func (c *Codec) Schema() Schema { return c.schema.clone() }

// Learned lists the indices into Schema().Columns of the learned columns.
func (c *Codec) Learned() []int { return slices.Clone(c.learned) }

// Size is the number of codes of column j, in [1, 2^32-1]. If the column is
// nullable, code Size-1 means missing.
func (c *Codec) Size(j int) uint32 { return c.columns[j].size() }

// Encode reads a cell of column j. Spaces around it do not count. The error
// says what is wrong and the fix; the caller adds where.
//
// A column declared with Outside: clamp or with Other refuses no cell. Numbers
// and dates beyond the bounds become the nearest bound, fractions of an integer
// column are rounded, values not listed become Other. What is left, missing
// cells and text that is no number, becomes missing in a nullable column, else
// Other, else the first code.
func (c *Codec) Encode(j int, cell string) (uint32, error) {
	cell = trim(cell)
	col := &c.columns[j]
	code, ok := c.encode(col, cell)
	if !ok {
		return 0, errors.New(c.refuse(col, cell))
	}
	return code, nil
}

// encode reads a trimmed cell. No marker is a value, so the values go first.
func (c *Codec) encode(col *learnedColumn, cell string) (uint32, bool) {
	if col.takesAll {
		return c.encodeAny(col, cell), true
	}
	if code, ok := col.coder.encode(cell); ok {
		return code, true
	}
	if col.nullable && c.isMissing(cell) {
		return col.values, true
	}
	return 0, false
}

func (c *Codec) isMissing(cell string) bool { return slices.Contains(c.missing, cell) }

// refuse says why encode refused a trimmed cell.
func (c *Codec) refuse(col *learnedColumn, cell string) string {
	switch {
	case !utf8.ValidString(cell):
		return refuseEncoding
	case c.isMissing(cell):
		return refuseMissing
	case cell == "":
		return `empty cell: add "" to missing and declare nullable: true, or fill the cell`
	}
	return col.coder.refuse(cell)
}

// AppendCell writes the canonical text of a code of column j, unquoted: the
// declared type, precision, bounds, format, and the first marker for missing.
// Codes beyond Size(j)-1 are written as the last.
func (c *Codec) AppendCell(dst []byte, j int, code uint32) []byte {
	col := &c.columns[j]
	code = min(code, col.size()-1)
	if code >= col.values {
		return append(dst, c.missing[0]...)
	}
	return col.coder.append(dst, code)
}

// Value is the number that a code of column j stands for: the value itself
// (integer, real), seconds since 1970-01-01 00:00 (datetime) or the code
// (categorical, ordinal, boolean); NaN if it means missing.
func (c *Codec) Value(j int, code uint32) float64 {
	col := &c.columns[j]
	if code >= col.values {
		return math.NaN()
	}
	return col.coder.value(code)
}

// FineEdges are the edges of the public histogram of column j: bin b holds the
// codes [edges[b], edges[b+1]). Spikes, missing and listed values are bins of
// one code; other codes share at most 256 bins, evenly by scale.
func (c *Codec) FineEdges(j int) []uint32 { return slices.Clone(c.columns[j].fine) }

// MarshalJSON writes the schema, from which UnmarshalJSON compiles an equal
// codec.
func (c *Codec) MarshalJSON() ([]byte, error) { return json.Marshal(&c.schema) }

// UnmarshalJSON compiles the schema that MarshalJSON wrote.
func (c *Codec) UnmarshalJSON(data []byte) error {
	var s Schema
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return fmt.Errorf("tabular: schema: %w", err)
	}
	compiled, err := s.Compile()
	if err != nil {
		return err
	}
	*c = *compiled
	return nil
}

// trim removes spaces around a cell, at no cost if there are none.
func trim(s string) string {
	if s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimSpace(s)
}
