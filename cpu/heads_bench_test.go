package cpu

import (
	"testing"

	"github.com/dpgan/dpgan/device"
)

// BenchmarkRows are the operations over rows of 16 columns of 16 cells, at batch 1024.
func BenchmarkRows(b *testing.B) {
	const batch = 1024
	layout := &device.Layout{Width: 256}
	columns := make([]device.Codes, 16)
	for i := range columns {
		s := device.Span{Column: i, Start: 16 * i}
		for k := range uint32(17) {
			s.Edges = append(s.Edges, 15*k)
		}
		layout.Spans = append(layout.Spans, s)
		columns[i].U8 = make([]uint8, 10000)
	}
	d := New(1)
	defer d.Close()
	s := newStep(b, d, batch, 256, 256)
	hard, soft := s.x, s.values[0]
	table, _ := d.NewTable(columns)
	indices, _ := d.Alloc(device.Uint32, batch)
	d.Upload(indices, 0, []uint32{batch})
	rng := s.hidden.RNG
	norm := device.BatchNorm{}
	for _, v := range []*device.Vector{&norm.Gamma, &norm.Beta, &norm.Mean, &norm.InverseStd} {
		*v = s.b[0]
	}
	for _, op := range []struct {
		name string
		run  func()
	}{
		{"ExpandCodes", func() { d.ExpandCodes(hard, table, layout, indices, indices) }},
		{"BatchNormForward", func() { d.BatchNormForward(soft, hard, norm) }},
		{"BatchNormBackward", func() { d.BatchNormBackward(soft, soft, hard, soft, norm, norm.Gamma, norm.Beta) }},
		{"HeadsForward", func() { d.HeadsForward(hard, soft, soft, layout, 0.2, rng) }},
		{"HeadsBackward", func() { d.HeadsBackward(hard, hard, soft, layout, 0.2) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				op.run()
			}
		})
	}
	if err := d.Sync(); err != nil {
		b.Fatal(err)
	}
}
