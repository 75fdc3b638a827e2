package devicetest

import (
	"slices"

	"github.com/dpgan/dpgan/device"
)

// namedLayout is a layout and what it is for.
type namedLayout struct {
	name   string
	layout *device.Layout
}

// layouts are the rows under test.
func layouts() []namedLayout {
	return []namedLayout{
		// Offsets, modes of width one, columns out of order, conditions out of order.
		{"mixed", build([]device.Span{
			{Column: 2, Offset: true, Edges: []uint32{0, 1, 40, 100}, Condition: 4},
			{Column: 0, Edges: []uint32{0, 1, 2, 3, 4}, Condition: 0},
			{Column: 3, Offset: true, Edges: []uint32{0, 70000}, Condition: -1},
			{Column: 1, Edges: []uint32{0, 1, 2}, Condition: 7},
		})},
		{"unconditioned", build([]device.Span{
			{Column: 0, Edges: []uint32{0, 5}, Condition: -1},
			{Column: 1, Offset: true, Edges: []uint32{0, 100, 200, 300, 301}, Condition: -1},
		})},
		{"single", build([]device.Span{{Column: 0, Edges: []uint32{0, 1, 2}, Condition: 0}})},
		{"wide", wide(50)},
	}
}

// wide has n spans of growing width, among them some beyond a block of threads.
func wide(n int) *device.Layout {
	var spans []device.Span
	condition := 0
	for i := range n {
		modes := 2 + i
		if i == n-1 {
			modes = 300
		}
		s := device.Span{Column: i, Offset: i%3 == 0, Condition: -1, Edges: []uint32{0}}
		for k := range modes {
			s.Edges = append(s.Edges, s.Edges[k]+1+uint32(k*i)%5)
		}
		if i%2 == 0 {
			s.Condition = condition
			condition += modes
		}
		spans = append(spans, s)
	}
	return build(spans)
}

// build sets the starts and widths.
func build(spans []device.Span) *device.Layout {
	l := &device.Layout{Spans: spans}
	for i := range spans {
		s := &spans[i]
		s.Start = l.Width
		l.Width = s.ModeStart() + s.Modes()
		if s.Condition >= 0 {
			l.ConditionWidth = max(l.ConditionWidth, s.Condition+s.Modes())
		}
	}
	return l
}

// columns draws a table for layout, one column in each width of codes that
// holds it.
func (f *fixture) columns(layout *device.Layout, rows int) []device.Codes {
	columns := make([]device.Codes, len(layout.Spans))
	for i := range layout.Spans {
		s := &layout.Spans[i]
		top := s.Edges[s.Modes()]
		var c device.Codes
		for r := range rows {
			code := f.random.Uint32N(top)
			if r < 2 { // both ends occur
				code = uint32(r) * (top - 1)
			}
			switch {
			case top <= 1<<8:
				c.U8 = append(c.U8, uint8(code))
			case top <= 1<<16:
				c.U16 = append(c.U16, uint16(code))
			default:
				c.U32 = append(c.U32, code)
			}
		}
		columns[s.Column] = c
	}
	return columns
}

// conditions draws one-hot conditions; about one row in four has none.
func (f *fixture) conditions(layout *device.Layout, rows int) values {
	v := constant(rows, max(layout.ConditionWidth, 1), 0)
	spans := layout.Conditioned()
	for i := range v {
		if len(spans) > 0 && f.random.IntN(4) > 0 {
			s := &layout.Spans[spans[f.random.IntN(len(spans))]]
			v[i][s.Condition+f.random.IntN(s.Modes())] = 1
		}
	}
	return v
}

// named is the span and mode of a condition, -1 if it has none.
func named(layout *device.Layout, condition []float64) (span, mode int) {
	at := slices.IndexFunc(condition, func(c float64) bool { return c != 0 })
	for _, i := range layout.Conditioned() {
		s := &layout.Spans[i]
		if at >= s.Condition && at < s.Condition+s.Modes() {
			return i, at - s.Condition
		}
	}
	return -1, -1
}
