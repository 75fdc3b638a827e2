//go:build gpu

package cuda

import (
	"slices"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// layoutTables is a device.Layout on the GPU.
type layoutTables struct {
	*device.Layout
	memory  cu.DevicePtr // of all that follows
	columns int          // a table needs this many columns
	spans   array[span]
	edges   array[uint32] // of all spans
	spanOf  array[int32]  // the span of each cell of the row, -1 if none
}

// span is Span of kernels/layout.h.
type span struct{ column, first, modes, edges int32 }

// layoutTables checks layout and places it on the GPU, or fetches it.
func (o operation) layoutTables(layout *device.Layout) *layoutTables {
	if o.failed() {
		return nil
	}
	if t, ok := o.layouts[layout]; ok {
		o.note(t.memory)
		return t
	}
	if err := layout.Validate(); err != nil {
		o.fail("%s: %w", o.name, err)
		return nil
	}
	t := &layoutTables{Layout: layout}
	if err := o.do(func() error { return o.uploadLayout(t) }); err != nil {
		o.fail("%s: layout: %w", o.name, err)
		return nil
	}
	o.layouts[layout] = t
	o.note(t.memory)
	return t
}

// note tells the program that is being recorded that it uses what lies at p.
func (o operation) note(p cu.DevicePtr) {
	if o.recording != nil {
		o.recording.tables[p] = struct{}{}
	}
}

// uploadConstant makes a copy of bytes on the GPU, which sweep frees when no program uses
// it. The context must be current.
func (o operation) uploadConstant(bytes []byte) (cu.DevicePtr, error) {
	if len(bytes) == 0 {
		return 0, nil
	}
	at, err := o.alloc(int64(len(bytes)))
	if err != nil {
		return 0, err
	}
	return at, o.upload(at, bytes)
}

// uploadLayout places a layout as one piece of memory. The context must be current.
func (o operation) uploadLayout(t *layoutTables) error {
	var spans []span
	var edges []uint32
	spanOf := make([]int32, t.Width)
	for c := range spanOf {
		spanOf[c] = -1
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		t.columns = max(t.columns, s.Column+1)
		spans = append(spans, span{int32(s.Column), int32(s.Start), int32(s.Modes()), int32(len(edges))})
		edges = append(edges, s.Edges...)
		for c := s.Start; c < s.End(); c++ {
			spanOf[c] = int32(i)
		}
	}
	at, err := o.uploadConstant(slices.Concat(bytesOf(spans), bytesOf(edges), bytesOf(spanOf)))
	if err != nil {
		return err
	}
	t.memory, t.spans = at, array[span]{at, len(spans)}
	t.edges = array[uint32]{t.spans.extent().to, len(edges)}
	t.spanOf = array[int32]{t.edges.extent().to, len(spanOf)}
	return nil
}
