package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

var headRows = []int{1, 3, 65, 300}

const temperature = 0.2

func testHeadsForward(f *fixture) {
	for _, l := range layouts() {
		for _, rows := range headRows {
			f.sub(fmt.Sprintf("%s/%d", l.name, rows), func(f *fixture) {
				logits := f.normal(rows, l.layout.Width, 2)
				rng, draw := f.rng(31)
				hard, soft := f.hole(rows, l.layout.Width), f.hole(rows, l.layout.Width)
				f.d.HeadsForward(hard, soft, f.put(logits), l.layout, temperature, rng)
				gotHard, gotSoft := f.get(hard), f.get(soft)
				want := heads(logits, l.layout, temperature, draw)
				// Scores of size 20 over the temperature move the exponent by 1e-5.
				near(f.T, "soft", gotSoft, want, within(want, 1e-6, 3e-5))
				checkHard(f, l.layout, gotHard, gotSoft)
			})
		}
	}
	f.sub("large logits", func(f *fixture) {
		l := layouts()[0].layout
		logits := constant(4, l.Width, -1e30)
		for i := range logits {
			for k := range l.Spans {
				logits[i][l.Spans[k].Start] = 1e30
			}
		}
		rng, draw := f.rng(32)
		hard, soft := f.hole(4, l.Width), f.hole(4, l.Width)
		f.d.HeadsForward(hard, soft, f.put(logits), l, 1, rng)
		near(f.T, "soft", f.get(soft), heads(logits, l, 1, draw), exact)
	})
}

// checkHard: spans are one-hot at the maximum of soft.
func checkHard(f *fixture, layout *device.Layout, hard, soft values) {
	f.Helper()
	for i := range hard {
		for k := range layout.Spans {
			s := &layout.Spans[k]
			ones, top, at := 0.0, 0.0, 0.0
			for m := s.Start; m < s.End(); m++ {
				ones += hard[i][m]
				top = max(top, soft[i][m])
				if hard[i][m] == 1 {
					at = soft[i][m]
				}
			}
			if ones != 1 || at != top {
				f.Fatalf("row %d, span %d: hard sums to %v and lies at %v of soft, whose maximum is %v", i, k, ones, at, top)
			}
		}
	}
}

// heads is HeadsForward's soft.
func heads(logits values, layout *device.Layout, tau float64, draw device.Draw) values {
	y := logits.clone()
	for i := range y {
		for k := range layout.Spans {
			s := &layout.Spans[k]
			for m := s.Start; m < s.End(); m++ {
				y[i][m] = (logits[i][m] + gumbel(draw, i*layout.Width+m)) / tau
			}
			softmax(y[i][s.Start:s.End()])
		}
	}
	return y
}

func gumbel(draw device.Draw, i int) float64 {
	return -math.Log(-math.Log(float64(draw.Uniform(i))))
}

func softmax(x []float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range x {
		top = max(top, v)
	}
	for k := range x {
		x[k] = math.Exp(x[k] - top)
		sum += x[k]
	}
	for k := range x {
		x[k] /= sum
	}
}

func testHeadsBackward(f *fixture) {
	for _, l := range layouts() {
		for _, rows := range headRows {
			f.sub(fmt.Sprintf("%s/%d", l.name, rows), func(f *fixture) {
				_, draw := f.rng(33)
				d, soft := f.normal(rows, l.layout.Width, 1), heads(f.normal(rows, l.layout.Width, 1), l.layout, temperature, draw)
				for i := range soft {
					for j := range soft[i] {
						soft[i][j] = float64(float32(soft[i][j]))
					}
				}
				dlogits := f.hole(rows, l.layout.Width)
				f.d.HeadsBackward(dlogits, f.put(d), f.put(soft), l.layout, temperature)
				want := headsBackward(d, soft, l.layout, temperature)
				near(f.T, "dlogits", f.get(dlogits), want, within(want, 1e-5, 1e-5))
			})
		}
	}
	f.sub("finite differences", func(f *fixture) {
		l := layouts()[0].layout
		logits, weights := f.normal(5, l.Width, 1), f.normal(5, l.Width, 1)
		rng, draw := f.rng(34)
		hard, soft, dlogits := f.hole(5, l.Width), f.hole(5, l.Width), f.hole(5, l.Width)
		f.d.HeadsForward(hard, soft, f.put(logits), l, 0.7, rng)
		f.d.HeadsBackward(dlogits, f.put(weights), soft, l, 0.7)
		tau := float64(float32(0.7))
		want := slopes(func() float64 { return weighted(weights, heads(logits, l, tau, draw)) }, logits)
		near(f.T, "dlogits", f.get(dlogits), want, within(want, 2e-5, 2e-5))
	})
}

func headsBackward(d, soft values, layout *device.Layout, tau float64) values {
	g := d.clone()
	for i := range g {
		for k := range layout.Spans {
			s := &layout.Spans[k]
			inner := 0.0
			for m := s.Start; m < s.End(); m++ {
				inner += d[i][m] * soft[i][m]
			}
			for m := s.Start; m < s.End(); m++ {
				g[i][m] = soft[i][m] * (d[i][m] - inner) / tau
			}
		}
	}
	return g
}
