package devicetest

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// read is the stream of an activation.
func (f *fixture) read(act device.Activation) device.Draw {
	f.Helper()
	if act.Dropout == 0 {
		return device.Draw{}
	}
	seed, step := make([]uint64, 1), make([]uint64, 1)
	download(f, seed, act.RNG.Seed, 0)
	download(f, step, act.RNG.Step, 0)
	return device.Draw{Seed: seed[0], Step: step[0], Stream: act.RNG.Stream}
}

// testDropout: the same stream drops the same elements, other streams drop
// others, the share dropped is right, and the comparison with the uniform is
// exact to the last bit.
func testDropout(f *fixture) {
	const rows, cols, rate = 200, 100, 0.3
	x, w, b := constant(rows, 1, 1), constant(1, cols, 1), make([]float64, cols)
	layer := func(rate float32, rng device.RNG) values {
		y := f.hole(rows, cols)
		f.d.LinearForward(y, f.put(x), f.put(w), f.putVector(b), device.Activation{Kind: device.ReLU, Dropout: rate, RNG: rng})
		return f.get(y)
	}
	rng, draw := f.rng(1)
	first := layer(rate, rng)
	near(f.T, "second pass", layer(rate, rng), first, exact)
	dropped, changed := 0.0, 0.0
	rng.Stream++
	for i, row := range layer(rate, rng) {
		for j := range row {
			if first[i][j] == 0 {
				dropped++
			}
			if (row[j] == 0) != (first[i][j] == 0) {
				changed++
			}
		}
	}
	rng.Stream--
	const n = rows * cols
	chiSquare(f.T, "dropped", []float64{dropped, n - dropped}, []float64{rate, 1 - rate})
	const differ = 2 * rate * (1 - rate)
	chiSquare(f.T, "changed by another stream", []float64{changed, n - changed}, []float64{differ, 1 - differ})
	for _, at := range []int{0, 1, 2, 3, 4, 777, n - 1} {
		u := draw.Uniform(at)
		if kept := layer(u, rng)[at/cols][at%cols]; kept == 0 {
			f.Errorf("element %d with uniform %v was dropped at that rate", at, u)
		}
		if kept := layer(math.Nextafter32(u, 1), rng)[at/cols][at%cols]; kept != 0 {
			f.Errorf("element %d with uniform %v was kept at the next higher rate", at, u)
		}
	}
}
