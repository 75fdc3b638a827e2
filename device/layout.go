package device

import (
	"fmt"
	"sort"
)

// Span describes how one column of codes appears in a row of floats.
//
// The codes 0 … Edges[K]-1 are cut into K modes; mode k holds the codes
// [Edges[k], Edges[k+1]). A category, a spike or "missing" is a mode of width
// one. The cells of the span are
//
//	[offset]  mode 0 … mode K-1
//
// at columns Start … of the row, where the offset cell exists if Offset is
// set: the position within the mode, in [-1, 1], and 0 in modes of width one.
type Span struct {
	Column int      // index of the column in the Table
	Start  int      // first cell of the span in the row
	Offset bool     // whether an offset cell precedes the modes
	Edges  []uint32 // K+1 ascending codes
	// Condition is the first of the K cells of this span in the condition
	// vector, or -1 if the column is never conditioned on.
	Condition int
}

// Modes is K.
func (s *Span) Modes() int { return len(s.Edges) - 1 }

// ModeStart is the first mode cell.
func (s *Span) ModeStart() int {
	if s.Offset {
		return s.Start + 1
	}
	return s.Start
}

// Mode is the mode that holds code. Codes beyond the last edge belong to the
// last mode.
func (s *Span) Mode(code uint32) int {
	inner := s.Edges[1:s.Modes()]
	return sort.Search(len(inner), func(k int) bool { return code < inner[k] })
}

// Position is the offset cell of code within mode: 2(code-lo)/(width-1) - 1,
// and 0 if the width is one. Computed in float32, in this order, on every device.
func (s *Span) Position(code uint32, mode int) float32 {
	width := s.Edges[mode+1] - s.Edges[mode]
	if width <= 1 {
		return 0
	}
	return 2*float32(code-s.Edges[mode])/float32(width-1) - 1
}

// Code is the inverse of Mode and Position: the code of mode nearest to
// position, which is clamped to [-1, 1]. Round(x) here is floor(x + ½).
func (s *Span) Code(mode int, position float32) uint32 {
	width := s.Edges[mode+1] - s.Edges[mode]
	if width <= 1 {
		return s.Edges[mode]
	}
	position = min(max(position, -1), 1)
	step := uint32((position+1)/2*float32(width-1) + 0.5)
	return s.Edges[mode] + min(step, width-1)
}

// Layout is the row of floats: the spans in order, Width cells in all, and the
// condition vector that goes with it. Devices may keep what they derive from a
// Layout, keyed by its address: it must not change once used.
type Layout struct {
	Spans          []Span
	Width          int
	ConditionWidth int
}

// Conditioned lists the indices of the spans that can be conditioned on.
func (l *Layout) Conditioned() []int {
	var spans []int
	for i := range l.Spans {
		if l.Spans[i].Condition >= 0 {
			spans = append(spans, i)
		}
	}
	return spans
}

// Validate reports a layout whose spans do not fit the row or the condition, or
// whose edges do not ascend. A device must refuse such a layout.
func (l *Layout) Validate() error {
	if l == nil {
		return fmt.Errorf("layout=nil: a layout is needed")
	}
	if l.Width < 0 || l.ConditionWidth < 0 {
		return fmt.Errorf("layout width %d, condition width %d: must be >= 0", l.Width, l.ConditionWidth)
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
		if s.Start < 0 || s.ModeStart()+s.Modes() > l.Width {
			return fmt.Errorf("layout span %d: start=%d: its cells leave the row of %d", i, s.Start, l.Width)
		}
		if s.Condition >= 0 && s.Condition+s.Modes() > l.ConditionWidth {
			return fmt.Errorf("layout span %d: condition=%d: its cells leave the condition of %d", i, s.Condition, l.ConditionWidth)
		}
	}
	return nil
}
