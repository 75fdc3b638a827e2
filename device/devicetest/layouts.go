package devicetest

import "github.com/dpgan/dpgan/device"

// namedLayout is a layout and what it is for.
type namedLayout struct {
	name   string
	layout *device.Layout
}

// layouts are the rows under test.
func layouts() []namedLayout {
	return []namedLayout{
		// Modes of width one and more, columns out of order.
		{"mixed", build([]device.Span{
			{Column: 2, Edges: []uint32{0, 1, 40, 100}},
			{Column: 0, Edges: []uint32{0, 1, 2, 3, 4}},
			{Column: 3, Edges: []uint32{0, 70000}},
			{Column: 1, Edges: []uint32{0, 1, 2}},
		})},
		{"uneven", build([]device.Span{
			{Column: 0, Edges: []uint32{0, 5}},
			{Column: 1, Edges: []uint32{0, 100, 200, 300, 301}},
		})},
		{"single", build([]device.Span{{Column: 0, Edges: []uint32{0, 1, 2}}})},
		{"wide", wide(50)},
	}
}

// wide has n spans of growing width, among them some beyond a block of threads.
func wide(n int) *device.Layout {
	var spans []device.Span
	for i := range n {
		modes := 2 + i
		if i == n-1 {
			modes = 300
		}
		s := device.Span{Column: i, Edges: []uint32{0}}
		for k := range modes {
			s.Edges = append(s.Edges, s.Edges[k]+1+uint32(k*i)%5)
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
		l.Width = s.End()
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
