package cpu

import (
	"fmt"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// BenchmarkCritic is the work of one critic step between batch and sums, batch
// 500, 180-256-256-1: forward, deltas, norms and clipped sums if private, and
// forward, deltas and sums if not. GFLOP/s counts the products alone.
func BenchmarkCritic(b *testing.B) { benchmarkCritic(b, device.SinglePrecision) }

// BenchmarkCriticBF16 is the same with products in BF16.
func BenchmarkCriticBF16(b *testing.B) { benchmarkCritic(b, device.BrainFloat16) }

func benchmarkCritic(b *testing.B, precision device.Precision) {
	widths := []int{180, 256, 256, 1}
	flops := 0.0
	for l := range len(widths) - 1 {
		products := 3.0
		if l == 0 {
			products = 2 // no gradient at the rows
		}
		flops += products * 2 * 500 * float64(widths[l]*widths[l+1])
	}
	for _, threads := range []int{1, 2} {
		for _, dropout := range []float32{0, 0.5} {
			for _, private := range []bool{false, true} {
				d, err := Open(threads, precision)
				if err != nil {
					b.Skip(err)
				}
				s := newStep(b, d, 500, widths...)
				s.hidden.Dropout = dropout
				b.Run(fmt.Sprintf("private=%v/dropout=%v/threads=%d", private, dropout, threads), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						s.forward()
						s.backward()
						if private {
							s.clip()
						} else {
							s.weights()
						}
					}
					b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
				if err := d.Sync(); err != nil {
					b.Fatal(err)
				}
				d.Close()
			}
		}
	}
}
