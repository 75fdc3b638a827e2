package cpu

import (
	"fmt"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// BenchmarkWide is the first layer of a critic over 3,000 columns, forward and
// gradient, at batch 500 into 256: one-hot rows of 30 spans, and dense rows.
func BenchmarkWide(b *testing.B) {
	const batch, columns, width, spans = 500, 3000, 256, 30
	for _, threads := range []int{1, 2} {
		for _, kind := range []string{"dense", "sparse"} {
			d := New(threads)
			s := newStep(b, d, batch, columns, width)
			if kind == "sparse" {
				host := make([]float32, batch*columns)
				for i := range batch {
					for k := range spans {
						host[i*columns+k*columns/spans+(i*7+k*13)%(columns/spans)] = 1
					}
				}
				d.Upload(s.x.Buffer, 0, host)
			}
			b.Run(fmt.Sprintf("%s/threads=%d", kind, threads), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s.forward()
					s.weights()
				}
				b.ReportMetric(4*batch*columns*width*float64(b.N)/b.Elapsed().Seconds()/1e9, "dense-GFLOP/s")
			})
			if err := d.Sync(); err != nil {
				b.Fatal(err)
			}
			d.Close()
		}
	}
}

// BenchmarkGenerator is a generator's forward pass of 500 atoms: codes of 128, two
// normalised layers of 256, and softmax over 180 cells in 12 spans.
func BenchmarkGenerator(b *testing.B) {
	const batch, width = 500, 180
	layout := &device.Layout{Width: width}
	for i := range 12 {
		s := device.Span{Column: i, Start: 15 * i}
		for k := range uint32(16) {
			s.Edges = append(s.Edges, 10*k)
		}
		layout.Spans = append(layout.Spans, s)
	}
	flops := 2.0 * batch * (128*256 + 256*256 + 256*width)
	for _, threads := range []int{1, 2} {
		d := New(threads)
		s := newStep(b, d, batch, 128, 256, 256, width)
		norms := make([]device.BatchNorm, 2)
		for l := range norms {
			for _, v := range []*device.Vector{&norms[l].Gamma, &norms[l].Beta, &norms[l].Mean, &norms[l].InverseStd} {
				buffer, err := d.Alloc(device.Float32, 256)
				if err != nil {
					b.Fatal(err)
				}
				*v = device.NewVector(buffer, 0, 256)
				d.Fill(*v, 1)
			}
		}
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				input := s.x
				for l := range norms {
					d.LinearForward(s.values[l], input, s.w[l], s.b[l], device.Activation{})
					d.BatchNormForward(s.values[l], s.values[l], norms[l])
					input = s.values[l]
				}
				d.LinearForward(s.values[2], input, s.w[2], s.b[2], device.Activation{})
				d.Softmax(s.deltas[2], s.values[2], layout)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
		d.Close()
	}
}
