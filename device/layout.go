package device

import (
	"fmt"
	"sort"
)

// Span describes how one column of codes appears in a row of floats.
//
// The codes 0 … Edges[K]-1 are cut into K modes; mode k holds the codes
// [Edges[k], Edges[k+1]). The mode of a code is one-hot in the cells Start …
// Start+K-1 of the row.
type Span struct {
	Column int      // index of the column in the Table
	Start  int      // first cell of the span in the row
	Edges  []uint32 // K+1 ascending codes
}

// Modes is K.
func (s *Span) Modes() int { return len(s.Edges) - 1 }

// End is the cell behind the last one.
func (s *Span) End() int { return s.Start + s.Modes() }

// Mode is the mode that holds code. Codes beyond the last edge belong to the
// last mode.
func (s *Span) Mode(code uint32) int {
	inner := s.Edges[1:s.Modes()]
	return sort.Search(len(inner), func(k int) bool { return code < inner[k] })
}

// Layout is the row of floats: the spans in order, Width cells in all. Devices may keep
// what they derive from a Layout, keyed by its address: it must not change once used.
type Layout struct {
	Spans []Span
	Width int
}

// Validate reports a layout whose spans do not fit the row, or whose edges do not
// ascend. A device must refuse such a layout.
func (l *Layout) Validate() error {
	if l == nil {
		return fmt.Errorf("layout=nil: a layout is needed")
	}
	if l.Width < 0 {
		return fmt.Errorf("layout width=%d: must be >= 0", l.Width)
	}
	for i := range l.Spans {
		s := &l.Spans[i]
		if s.Column < 0 || s.Modes() < 1 {
			return fmt.Errorf("layout span %d: column=%d, %d edges: needs a column >= 0 and at least two edges", i, s.Column, len(s.Edges))
		}
		for k := range s.Modes() {
			if s.Edges[k] >= s.Edges[k+1] {
				return fmt.Errorf("layout span %d: edges[%d]=%d: must ascend", i, k+1, s.Edges[k+1])
			}
		}
		if s.Start < 0 || s.End() > l.Width {
			return fmt.Errorf("layout span %d: start=%d: its cells leave the row of %d", i, s.Start, l.Width)
		}
	}
	return nil
}
