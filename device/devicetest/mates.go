package devicetest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// testBatchMates: what a layer computes of a row, forward and back, hangs on no other
// row: not on how many of their elements are zero, nor on values that are huge,
// subnormal or no numbers. In every precision, bit by bit.
func testBatchMates(f *fixture) {
	for _, s := range []struct{ k, n int }{{40, 33}, {600, 32}, {1100, 64}} {
		if testing.Short() && s.k > 1000 {
			continue
		}
		for _, rows := range []int{1, 40, 257} {
			for _, own := range []string{"dense", "sparse"} {
				f.sub(fmt.Sprintf("%s/%dx%dx%d", own, rows, s.k, s.n), func(f *fixture) {
					x, w, b, dy := f.row(own, s.k), f.normal(s.k, s.n, 1), f.normal(1, s.n, 1), f.normal(1, s.n, 1)[0]
					weights, bias := f.put(w), f.putVector(b[0])
					var first [][]float64
					for m, mates := range mateKinds {
						in, delta := values{}, values{}
						at := min(rows-1, rows*m/len(mateKinds))
						for i := range rows {
							if i == at {
								in, delta = append(in, x), append(delta, dy)
								continue
							}
							in = append(in, f.mate(mates, s.k))
							delta = append(delta, f.mate(mates, s.n))
						}
						below, y, dx := f.put(in), f.hole(rows, s.n), f.hole(rows, s.k)
						f.d.LinearForward(y, below, weights, bias, device.Activation{Kind: device.LeakyReLU})
						f.d.LinearBackwardData(dx, f.put(delta), weights, below, device.Activation{Kind: device.LeakyReLU}, false)
						got := [][]float64{f.get(y)[at], f.get(dx)[at]}
						if first == nil {
							first = got
						}
						for k, name := range []string{"forward", "back"} {
							if !slices.Equal(got[k], first[k]) {
								f.Fatalf("%s: row %d of %d among mates that are %s differs from that among mates that are %s", name, at, rows, mates, mateKinds[0])
							}
						}
					}
				})
			}
		}
	}
}

// mateKinds are the other rows of a batch.
var mateKinds = []string{"sparse", "dense", "one dense", "not finite", "huge", "subnormal", "zero"}

// mate is a row of the kind.
func (f *fixture) mate(kind string, n int) []float64 {
	switch kind {
	case "one dense":
		kind = "sparse"
		if f.random.IntN(20) == 0 {
			kind = "dense"
		}
	case "not finite":
		row := f.row("dense", n)
		row[f.random.IntN(n)] = hostile[f.random.IntN(3)]
		return row
	case "huge", "subnormal", "zero":
		size := map[string]float64{"huge": math.MaxFloat32, "subnormal": 1e-41, "zero": 0}[kind]
		row := make([]float64, n)
		for j := range row {
			row[j] = float64(float32(size))
		}
		return row
	}
	return f.row(kind, n)
}

// row is a dense row, or one with about one element in 40.
func (f *fixture) row(kind string, n int) []float64 {
	row := f.normal(1, n, 1)[0]
	for j := range row {
		if kind == "sparse" && f.random.IntN(40) > 0 {
			row[j] = 0
		}
	}
	return row
}
