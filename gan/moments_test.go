package gan

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// spansOf places columns of so many cells side by side.
func spansOf(counts ...int) *device.Layout {
	columns := make([]Column, len(counts))
	for j, count := range counts {
		columns[j].Count = count
	}
	return cellLayout(columns)
}

// correlation of two samples with mean zero, and their variances.
func correlation(x, y []float64) (r, xx, yy float64) {
	xy, n := 0.0, float64(len(x))
	for i := range x {
		xy += x[i] * y[i]
		xx += x[i] * x[i]
		yy += y[i] * y[i]
	}
	return xy / math.Sqrt(xx*yy), xx / n, yy / n
}

// Over draws of the tables' noise and of the split, the noises of both halves do
// not correlate, and have the variances stated. 5 standard errors: a false alarm
// in 1e6 runs.
func TestFissionSplitsNoiseInIndependentHalves(t *testing.T) {
	const rows, oneNoise, twoNoise, a, draws = 1000.0, 6.0, 9.0, 0.3, 20_000
	layout := spansOf(2, 2)
	r := rand.New(rand.NewPCG(1, 7))
	var one, two struct{ fit, judge []float64 }
	for range draws {
		noisy := func(counts []float64, sigma float64) []float64 {
			out := make([]float64, len(counts))
			for k := range out {
				out[k] = counts[k] + sigma*r.NormFloat64()
			}
			return out
		}
		m := newMoments(layout, [][]float64{noisy([]float64{400, 600}, oneNoise), {500, 500}}, []float64{oneNoise, oneNoise, oneNoise, oneNoise},
			[][]int{{1, 0}}, [][]float64{noisy([]float64{100, 200, 300, 400}, twoNoise)}, rows, []float64{twoNoise})
		fit, judge := m.fission(a, r)
		for s := range m.two {
			for x := range 4 {
				for y := range 4 {
					if f := fit.two[s][x*4+y]; f != fit.two[s][y*4+x] || judge.two[s][x*4+y] != judge.two[s][y*4+x] || (x < 2) == (y < 2) && f != 0 {
						t.Fatal("a half is not symmetric, or not 0 where nothing was measured")
					}
				}
			}
		}
		one.fit, one.judge = append(one.fit, fit.one[0]-0.4), append(one.judge, judge.one[0]-0.4)
		// Column 1 is the table's first: its cell 2 and cell 0 of column 0.
		two.fit, two.judge = append(two.fit, fit.two[0][2*4]-0.1), append(two.judge, judge.two[0][2*4]-0.1)
		wantOne, wantTwo := oneNoise*math.Sqrt(1+a*a)/rows, twoNoise*math.Sqrt(1+a*a)/rows
		if math.Abs(fit.oneNoise[0]-wantOne) > 1e-12 || math.Abs(fit.twoNoise[0][1]-wantTwo) > 1e-12 {
			t.Fatalf("the half to fit states the noise %g, %g, not %g, %g", fit.oneNoise[0], fit.twoNoise[0][1], wantOne, wantTwo)
		}
	}
	for name, half := range map[string]struct {
		fit, judge []float64
		sigma      float64
	}{"1-way": {one.fit, one.judge, oneNoise / rows}, "pairs": {two.fit, two.judge, twoNoise / rows}} {
		cross, fit, judge := correlation(half.fit, half.judge)
		if math.Abs(cross) > 5/math.Sqrt(draws) {
			t.Errorf("%s: the halves correlate by %g", name, cross)
		}
		for _, v := range [][2]float64{{fit, 1 + a*a}, {judge, 1 + 1/a/a}} {
			if got := v[0] / (half.sigma * half.sigma * v[1]); math.Abs(got-1) > 5*math.Sqrt(2.0/draws) {
				t.Errorf("%s: variance %g of what it should be", name, got)
			}
		}
	}
}

// A pair of which the table is noise about independence is drawn there; one that
// depends stays.
func TestShrinkTowardsIndependence(t *testing.T) {
	const cells, rows, sigma = 8, 10_000.0, 40.0
	layout := spansOf(cells, cells)
	r := rand.New(rand.NewPCG(2, 7))
	one, oneNoise := make([][]float64, 2), make([]float64, 2*cells)
	for j := range one {
		one[j] = make([]float64, cells)
		for k := range one[j] {
			one[j][k], oneNoise[j*cells+k] = rows/cells, 1
		}
	}
	// distance to independence before and after, in L2.
	shrunk := func(counts []float64) (before, after float64) {
		m := newMoments(layout, one, oneNoise, [][]int{{0, 1}}, [][]float64{counts}, rows, []float64{sigma})
		distance := func() (sum float64) {
			for x := range cells {
				for y := range cells {
					d := m.two[0][x*2*cells+cells+y] - 1.0/cells/cells
					if m.two[0][x*2*cells+cells+y] != m.two[0][(cells+y)*2*cells+x] {
						t.Fatal("the table is not symmetric")
					}
					sum += d * d
				}
			}
			return math.Sqrt(sum)
		}
		before = distance()
		m.shrink()
		return before, distance()
	}
	noise, left := 0.0, 0.0
	for range 200 {
		counts := make([]float64, cells*cells)
		for k := range counts {
			counts[k] = rows/cells/cells + sigma*r.NormFloat64()
		}
		before, after := shrunk(counts)
		noise, left = noise+before, left+after
	}
	// Σr² is 64σ² on average, of which (8-1)² are taken: a quarter is left.
	if left > 0.35*noise {
		t.Errorf("of pure noise %.2f is left", left/noise)
	}
	counts := make([]float64, cells*cells)
	for k := range cells {
		counts[k*cells+k] = rows / cells
	}
	if before, after := shrunk(counts); after < 0.9*before {
		t.Errorf("of a pair that depends only %.2f is left", after/before)
	}
}

// Triples lay their counts out by slices of the target.
func TestMomentsOfTriples(t *testing.T) {
	layout := spansOf(2, 3, 2)
	counts := make([]float64, 12)
	for k := range counts {
		counts[k] = float64(k)
	}
	m := newMoments(layout, [][]float64{{1, 2}, {3, 4, 5}, {6, 7}}, make([]float64, 7), [][]int{{1, 0, 2}}, [][]float64{counts}, 2, []float64{1})
	if len(m.two) != 2 || m.slice[0] != 5 || m.slice[1] != 6 {
		t.Fatalf("slices %v of %d tables", m.slice, len(m.two))
	}
	for x := range 3 {
		for y := range 2 {
			for v := range 2 {
				want := float64((x*2+y)*2+v) / 2
				if got := m.two[v][(2+x)*7+y]; got != want || m.two[v][y*7+2+x] != want {
					t.Errorf("cells %d, %d, %d: %g, want %g", x, y, v, got, want)
				}
			}
		}
	}
	if got, want := m.signal(), 11.0/2/2/0.5; math.Abs(got-want) > 1e-12 {
		t.Errorf("signal %g, want %g", got, want)
	}
}
