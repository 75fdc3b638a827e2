//go:build gpu

package cuda

import (
	"slices"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// plan is a device.Layout on the GPU, as kernels/layout.h has it.
type plan struct {
	*device.Layout
	memory  cu.DevicePtr // of all that follows
	columns int          // a table needs this many columns
	spans   constant     // Span[len(Spans)]
	edges   constant     // of all spans
	spanOf  constant     // the span of each cell of the row, -1 if none
}

// plan checks layout and places it on the GPU, or fetches it.
func (o operation) plan(layout *device.Layout) *plan {
	if o.failed() {
		return nil
	}
	if p, ok := o.plans[layout]; ok {
		o.note(p.memory)
		return p
	}
	if err := layout.Validate(); err != nil {
		o.fail("%s: %w", o.name, err)
		return nil
	}
	p := &plan{Layout: layout}
	if err := o.do(func() error { return o.place(p) }); err != nil {
		o.fail("%s: layout: %w", o.name, err)
		return nil
	}
	o.plans[layout] = p
	o.note(p.memory)
	return p
}

// note tells the program that is being recorded that it uses what lies at p.
func (o operation) note(p cu.DevicePtr) {
	if o.recording != nil {
		o.recording.plans[p] = struct{}{}
	}
}

// settled is a copy of words on the GPU, which sweep frees when no program uses it. The
// context must be current.
func (o operation) settled(words []uint32) (cu.DevicePtr, error) {
	if len(words) == 0 {
		return 0, nil
	}
	at, err := o.claim(int64(4 * len(words)))
	if err != nil {
		return 0, err
	}
	return at, o.upload(at, bytesOf(words))
}

// place uploads a layout as one piece of memory. The context must be
// current.
func (o operation) place(p *plan) error {
	var spans, edges []uint32
	spanOf := make([]uint32, p.Width)
	for c := range spanOf {
		spanOf[c] = word(-1)
	}
	for i := range p.Spans {
		s := &p.Spans[i]
		p.columns = max(p.columns, s.Column+1)
		spans = append(spans, word(s.Column), word(s.Start), word(s.Modes()), word(len(edges)))
		edges = append(edges, s.Edges...)
		for c := s.Start; c < s.End(); c++ {
			spanOf[c] = word(i)
		}
	}
	at, err := o.settled(slices.Concat(spans, edges, spanOf))
	if err != nil {
		return err
	}
	p.memory, p.spans = at, constant(at)
	p.edges = p.spans + constant(4*len(spans))
	p.spanOf = p.edges + constant(4*len(edges))
	return nil
}

// word is an int of a kernel.
func word(v int) uint32 { return uint32(int32(v)) }
