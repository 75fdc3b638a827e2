package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// pairCase is a table of 16 columns, of 2 to 20 codes, and all pairs of them, each
// with the last as a target if triples is set.
func pairCase(rows int, skewed, triples bool) ([]device.Codes, *device.PairTables) {
	random, counts := rand.New(rand.NewPCG(1, 2)), make([]int, 16)
	columns := make([]device.Codes, len(counts))
	for c := range columns {
		counts[c] = 2 + 18*c/(len(counts)-1)
		columns[c].U8 = make([]uint8, rows)
		for i := range rows {
			u := random.Float64()
			if skewed {
				u = math.Pow(u, 8) // nine rows of ten have the first of two codes
			}
			columns[c].U8[i] = uint8(u * float64(counts[c]))
		}
	}
	pairs := &device.PairTables{}
	for b := range columns {
		for a := range b {
			t := device.PairTable{A: a, B: b, Target: -1, CountB: counts[b], CountTarget: 1, Offset: pairs.Weights, Gradient: 1 << 18}
			if triples {
				t.Target, t.CountTarget = len(columns)-1, counts[len(columns)-1]
			}
			pairs.Tables = append(pairs.Tables, t)
			pairs.Weights += counts[a] * t.CountB * t.CountTarget
		}
	}
	return columns, pairs
}

// BenchmarkPairGradients is a step of 25,000 rows of 1e6 and 120 tables.
func BenchmarkPairGradients(b *testing.B) {
	const batch, rows = 25_000, 1_000_000
	for _, kind := range []struct{ skewed, triples bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		columns, pairs := pairCase(rows, kind.skewed, kind.triples)
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("skewed=%v/triples=%v/threads=%d", kind.skewed, kind.triples, threads), func(b *testing.B) {
				d := New(threads)
				defer d.Close()
				table, err := d.NewTable(columns)
				if err != nil {
					b.Fatal(err)
				}
				indices, _ := d.Alloc(device.Uint32, batch)
				count, _ := d.Alloc(device.Uint32, 1)
				sum, _ := d.Alloc(device.Uint64, pairs.Weights)
				host, random := make([]uint32, batch), rand.New(rand.NewPCG(3, 4))
				for i := range host {
					host[i] = random.Uint32N(rows)
				}
				slices.Sort(host) // as batches are drawn
				d.Upload(indices, 0, host)
				d.Upload(count, 0, []uint32{batch})
				b.ReportAllocs()
				for b.Loop() {
					d.PairGradients(device.NewVector(sum, 0, pairs.Weights), table, pairs, indices, count)
				}
				if err := d.Sync(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch*len(pairs.Tables)), "ns/increment")
			})
		}
	}
}

// BenchmarkPrivateMean is that of 1e5 weights.
func BenchmarkPrivateMean(b *testing.B) {
	const n = 100_000
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			d := New(threads)
			defer d.Close()
			floats, _ := d.Alloc(device.Float32, 3*n)
			sum, _ := d.Alloc(device.Uint64, n)
			key, _ := d.Alloc(device.Uint32, 8)
			step, _ := d.Alloc(device.Uint64, 1)
			mean := device.Mean{Values: device.NewVector(floats, 0, n), Scale: device.NewVector(floats, n, n), Count: device.NewVector(floats, 2*n, n)}
			b.ReportAllocs()
			for b.Loop() {
				d.PrivateMean(mean, device.NewVector(sum, 0, n), device.Noise{Key: key, Step: step, Multiplier: 1}, 1, 25_000)
			}
			if err := d.Sync(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/weight")
		})
	}
}
