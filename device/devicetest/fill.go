package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

func testCopy(f *fixture) {
	for _, size := range []struct{ rows, cols int }{{1, 1}, {5, 3}, {300, 70}} {
		f.sub(fmt.Sprintf("%dx%d", size.rows, size.cols), func(f *fixture) {
			src := f.normal(size.rows, size.cols, 1)
			src[0][0] = math.Inf(-1)
			dst := f.hole(size.rows, size.cols)
			f.d.Copy(dst, f.put(src))
			near(f.T, "dst", f.get(dst), src, exact)
		})
	}
	f.sub("columns and rows of a wider matrix", func(f *fixture) {
		src, into := f.normal(20, 9, 1), f.normal(30, 15, 1)
		dst := f.put(into)
		f.d.Copy(dst.Columns(4, 10).RowRange(3, 23), f.put(src).Columns(2, 8))
		want := into.clone()
		for i := range src {
			copy(want[i+3][4:10], src[i][2:8])
		}
		near(f.T, "dst", f.get(dst), want, exact)
	})
}

func testFill(f *fixture) {
	for _, n := range []int{1, 31, 10000} {
		f.sub(fmt.Sprint(n), func(f *fixture) {
			dst := f.putVector(make([]float64, n))
			f.d.Fill(dst, 2.5)
			near(f.T, "dst", values{f.getVector(dst)}, constant(1, n, 2.5), exact)
		})
	}
}

func testMovingAverage(f *fixture) {
	for _, n := range []int{1, 31, 10000} {
		f.sub(fmt.Sprint(n), func(f *fixture) {
			average, value := f.normal(1, n, 1), f.normal(1, n, 1)
			dst := f.putVector(average[0])
			f.d.MovingAverage(dst, f.putVector(value[0]), 0.75)
			want := constant(1, n, 0)
			for i := range want[0] {
				want[0][i] = 0.75*average[0][i] + 0.25*value[0][i]
			}
			near(f.T, "average", values{f.getVector(dst)}, want, within(want, 1e-6, 1e-6))
		})
	}
}

// testIncrement: a counter carries over 32 bits, and feeds the next operation.
func testIncrement(f *fixture) {
	counter := f.counter(math.MaxUint32)
	f.d.Increment(counter)
	f.d.Increment(counter)
	got := make([]uint64, 1)
	download(f, got, counter, 0)
	if got[0] != math.MaxUint32+2 {
		f.Errorf("counter = %d, want %d", got[0], uint64(math.MaxUint32)+2)
	}
	const n = 64
	y := f.hole(1, n)
	f.d.LinearForward(y, f.put(constant(1, 1, 1)), f.put(constant(1, n, 1)), f.putVector(make([]float64, n)), device.Activation{
		Kind: device.ReLU, Dropout: 0.5, RNG: device.RNG{Seed: f.counter(5), Step: counter, Stream: 1}})
	draw, want := device.Draw{Seed: 5, Step: math.MaxUint32 + 2, Stream: 1}, constant(1, n, 2)
	for j := range want[0] {
		if draw.Uniform(j) < 0.5 {
			want[0][j] = 0
		}
	}
	near(f.T, "dropout of the new step", f.get(y), want, exact)
}
