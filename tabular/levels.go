package tabular

import (
	"fmt"
	"strconv"

	"github.com/dpgan/dpgan/internal/nearest"
)

// levels is the coder of listed values: code k is values[k].
type levels struct {
	values []string
	codes  map[string]uint32
}

// booleanAliases are the spellings that a boolean column without Values reads
// besides "false" and "true", which it writes.
var booleanAliases = [2][]string{
	{"False", "FALSE", "0"},
	{"True", "TRUE", "1"},
}

func newLevels(values []string) *levels {
	l := &levels{values: values, codes: make(map[string]uint32, len(values))}
	for k, v := range values {
		l.codes[v] = uint32(k)
	}
	return l
}

func newBooleans() *levels {
	l := newLevels([]string{"false", "true"})
	for code, aliases := range booleanAliases {
		for _, alias := range aliases {
			l.codes[alias] = uint32(code)
		}
	}
	return l
}

func (l *levels) size() uint64 { return uint64(len(l.values)) }

func (l *levels) encode(cell string) (uint32, bool) {
	code, ok := l.codes[cell]
	return code, ok
}

func (l *levels) append(dst []byte, code uint32) []byte { return append(dst, l.values[code]...) }

// value is the code: listed values have an order at most.
func (l *levels) value(code uint32) float64 { return float64(code) }

func (l *levels) refuse(cell string) string {
	if near := nearest.Word(cell, l.values); near != "" {
		return fmt.Sprintf("not a declared value; nearest is %q: add it to values or correct the cell", shorten(near))
	}
	return "not one of the " + strconv.Itoa(len(l.values)) + " declared values: add it to values or correct the cell"
}
