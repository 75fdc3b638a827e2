//go:build gpu

package cuda

import (
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// plan is a device.Layout on the GPU, as kernels/layout.h has it.
type plan struct {
	*device.Layout
	memory      cu.DevicePtr // of all that follows
	columns     int          // a table needs this many columns
	conditioned int          // number of conditioned spans
	spans       constant     // Span[len(Spans)]
	edges       constant     // of all spans
	spanOf      constant     // the span of each cell of the row, -1 if none
	spanOfCell  constant     // the span of each condition cell, -1 if none
	picks       constant     // the conditioned spans
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
	spanOf, spanOfCell := none(p.Width), none(p.ConditionWidth)
	var picks []uint32
	for i := range p.Spans {
		s := &p.Spans[i]
		p.columns = max(p.columns, s.Column+1)
		offset := -1
		if s.Offset {
			offset = s.Start
		}
		spans = append(spans, word(s.Column), word(offset), word(s.ModeStart()), word(s.Modes()), word(len(edges)), word(max(s.Condition, -1)))
		edges = append(edges, s.Edges...)
		for c := s.Start; c < s.ModeStart()+s.Modes(); c++ {
			spanOf[c] = word(i)
		}
		if s.Condition >= 0 {
			picks = append(picks, word(i))
			for k := range s.Modes() {
				spanOfCell[s.Condition+k] = word(i)
			}
		}
	}
	p.conditioned = len(picks)
	var words []uint32
	for _, part := range [][]uint32{spans, edges, spanOf, spanOfCell, picks} {
		words = append(words, part...)
	}
	at, err := o.settled(words)
	if err != nil {
		return err
	}
	p.memory = at
	for _, part := range []struct {
		to *constant
		n  int
	}{{&p.spans, len(spans)}, {&p.edges, len(edges)}, {&p.spanOf, len(spanOf)}, {&p.spanOfCell, len(spanOfCell)}, {&p.picks, len(picks)}} {
		*part.to = constant(at)
		at += cu.DevicePtr(4 * part.n)
	}
	return nil
}

// word is an int of a kernel.
func word(v int) uint32 { return uint32(int32(v)) }

func none(n int) []uint32 {
	words := make([]uint32, n)
	for i := range words {
		words[i] = word(-1)
	}
	return words
}
