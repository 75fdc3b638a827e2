package cpu

import "github.com/dpgan/dpgan/device"

// plan is what the operations derive from a layout once.
type plan struct {
	layout     *device.Layout
	modeOfCode [][]int32 // per span: the mode of each code, nil if there are too many
	columns    int       // a table needs this many columns
}

// lookupLimit is the number of codes up to which a span gets a table of modes;
// beyond it a search costs less than the cache misses.
const lookupLimit = 1 << 16

// plan checks layout and derives what its operations need, or fetches it.
func (o operation) plan(layout *device.Layout) *plan {
	if o.failed() {
		return nil
	}
	if p, ok := o.plans[layout]; ok {
		return p
	}
	if err := layout.Validate(); err != nil {
		o.fail("%s: %w", o.name, err)
		return nil
	}
	p := &plan{layout: layout}
	for i := range layout.Spans {
		s := &layout.Spans[i]
		p.columns = max(p.columns, s.Column+1)
		p.modeOfCode = append(p.modeOfCode, modeTable(s))
	}
	o.plans[layout] = p
	return p
}

func modeTable(s *device.Span) []int32 {
	codes := s.Edges[s.Modes()]
	if codes > lookupLimit {
		return nil
	}
	modes := make([]int32, codes)
	for c := range modes {
		modes[c] = int32(s.Mode(uint32(c)))
	}
	return modes
}

// mode is Span.Mode of span i, mostly by table.
func (p *plan) mode(i int, code uint32) int {
	if modes := p.modeOfCode[i]; int(code) < len(modes) {
		return int(modes[code])
	}
	return p.layout.Spans[i].Mode(code)
}
