package reference

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// spans are the constants that turn the cells of a row into sums by column.
type spans struct {
	*expression
	member  node // [D, columns]: 1 if the cell is one of the column
	members node // its transpose
}

func newSpans(e *expression, layout *device.Layout) *spans {
	s := &spans{expression: e}
	var member, members []float64
	n := len(layout.Spans)
	s.member, member = e.leaf("member", layout.Width, n)
	s.members, members = e.leaf("members", n, layout.Width)
	for k := range layout.Spans {
		span := &layout.Spans[k]
		for cell := span.Start; cell < span.Start+span.Modes(); cell++ {
			member[cell*n+k], members[k*layout.Width+cell] = 1, 1
		}
	}
	return s
}

// softmax is eˣ over its sum in each column, of x [N, D] that is at most 0 and, in each
// column, somewhere 0, or exp would leave its range. A number that is taken from all
// cells of a column changes neither value nor gradient.
func (s *spans) softmax(x node) node {
	weights := s.exp(x)
	return s.over(weights, s.mul(s.mul(weights, s.member), s.members))
}

// highest writes to dst [N, D] the largest of x in each column of each row.
func highest(dst, x []float64, layout *device.Layout) {
	for from := 0; from < len(x); from += layout.Width {
		for k := range layout.Spans {
			first := from + layout.Spans[k].Start
			last := first + layout.Spans[k].Modes()
			largest := math.Inf(-1)
			for _, v := range x[first:last] {
				largest = math.Max(largest, v)
			}
			for cell := first; cell < last; cell++ {
				dst[cell] = largest
			}
		}
	}
}
