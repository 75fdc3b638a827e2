package eval

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAdultBootstrap is the floor of the published protocol: a bootstrap of
// Adult's train is .005, .013 and .029 away on one, two and three columns.
func TestAdultBootstrap(t *testing.T) {
	train, _ := adult(t)
	columns := describe(train.codec)
	a, b := bin(train, columns), bin(train.bootstrap(1), columns)
	for width, want := range []float64{.005, .013, .029} {
		limit := maxPairs
		if width == 2 {
			limit = triples
		}
		found, err := distances(t.Context(), columns, a, b, subsets(len(columns), width+1, limit, 1, subsetsPart))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := meanAndMax(found); math.Abs(got-want) > .1*want+.0005 {
			t.Errorf("tvd%d = %.4f, want %.3f", width+1, got, want)
		}
	}
}

func TestDistanceProperties(t *testing.T) {
	codec := clinic(t)
	columns := describe(codec)
	a, b := bin(patients(t, codec, 500, 1), columns), bin(patients(t, codec, 700, 2), columns)
	for width := 1; width <= 3; width++ {
		for _, set := range combinations(len(columns), width) {
			cells := 1
			for _, j := range set {
				cells *= columns[j].bins()
			}
			counts := make([]int64, cells)
			d := denseDistance(columns, a, b, set, counts)
			if s := sparseDistance(columns, a, b, set); math.Abs(s-d) > 1e-12 {
				t.Errorf("%v: %v in an array, %v in a map", set, d, s)
			}
			if back := denseDistance(columns, b, a, set, counts); math.Abs(back-d) > 1e-12 {
				t.Errorf("%v: %v one way, %v the other", set, d, back)
			}
			if self := denseDistance(columns, a, a, set, counts); self != 0 || d < 0 || d > 1 {
				t.Errorf("%v: distance %v, of a table to itself %v", set, d, self)
			}
		}
	}
}

func TestSubsets(t *testing.T) {
	if got := subsets(5, 2, 100, 1, "x"); len(got) != 10 {
		t.Errorf("%d pairs of 5 columns, want 10", len(got))
	}
	if got := subsets(2, 3, 100, 1, "x"); got != nil {
		t.Errorf("triples of 2 columns: %v", got)
	}
	sampled := subsets(40, 3, 100, 1, "x")
	seen := map[[3]int]bool{}
	for _, s := range sampled {
		seen[[3]int(s)] = true
		if !slices.IsSorted(s) {
			t.Errorf("%v is not ascending", s)
		}
	}
	if len(sampled) != 100 || len(seen) != 100 {
		t.Errorf("%d triples, %d different, want 100", len(sampled), len(seen))
	}
}

func TestAssociations(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	n := 4000
	a, b, same := make([]uint32, n), make([]uint32, n), make([]uint32, n)
	x, rising, falling, noise := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range a {
		a[i], b[i] = uint32(random.IntN(4)), uint32(random.IntN(3))
		same[i] = 3 - a[i]
		x[i] = float64(a[i])
		rising[i], falling[i] = math.Exp(x[i]), -x[i]
		noise[i] = random.Float64()
	}
	x[5] = math.NaN() // ignored together with its row
	constant := make([]uint32, n)
	for _, c := range []struct {
		name             string
		got, want, error float64
	}{
		{"V of a renaming", cramer(a, same, 4, 5), 1, 1e-12},
		{"V of independent columns", cramer(a, b, 4, 3), 0, .04}, // E V² ≈ (r−1)(c−1)/n/(min−1)
		{"V of a constant", cramer(a, constant, 4, 1), 0, 0},
		{"V in a large space", cramer(a, same, 1<<16, 1<<16), 1, 1e-12},
		{"ratio of a function", correlationRatio(a, 4, rising), 1, 1e-12},
		{"ratio of noise", correlationRatio(a, 4, noise), 0, .06},
		{"ratio of a constant", correlationRatio(a, 4, make([]float64, n)), 0, 0},
		{"falling", pearson(x, falling), -1, 1e-12},
		{"noise", pearson(x, noise), 0, .06},
		{"constant", pearson(x, make([]float64, n)), 0, 0},
	} {
		if !(math.Abs(c.got-c.want) <= c.error) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestRanksAreMidranks(t *testing.T) {
	for _, size := range []uint32{7, lookupCodes + 7} {
		c := &column{size: size, nullable: true}
		got := ranks(c, []uint32{3, 1, 3, size - 1, 0})
		for i, want := range []float64{2.5, 1, 2.5, math.NaN(), 0} {
			if got[i] != want && !(math.IsNaN(want) && math.IsNaN(got[i])) {
				t.Errorf("size %d: rank %d is %v, want %v", size, i, got[i], want)
			}
		}
	}
}

func TestCoverage(t *testing.T) {
	codec := clinic(t)
	train := patients(t, codec, 5000, 3)
	columns := describe(codec)
	common, rare := coverage(columns, train, train)
	if common != 1 || rare != 1 {
		t.Errorf("of itself: %v and %v, want 1 and 1", common, rare)
	}
	without := train.selectRows(indicesWhere(train.columns[wardColumn], func(code uint32) bool { return code != 5 })[:1000])
	for i := range without.columns[wardColumn] {
		if without.columns[wardColumn][i] == 5 {
			without.columns[wardColumn][i] = 0
		}
	}
	if _, rare = coverage(columns, train, without); rare != 0 {
		t.Errorf("without the rare ward: recall %v, want 0", rare)
	}
}

// TestTestsHoldTheirLevel compares samples of one population: a test at 5 %
// rejects at most 5 % of them; 25 of 200 has a probability below 1e-4. KS is
// conservative where values repeat.
func TestTestsHoldTheirLevel(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	var chi, ks int
	for range 200 {
		a, b := make([]uint32, 400), make([]uint32, 300)
		for _, s := range [][]uint32{a, b} {
			for i := range s {
				s[i] = uint32(random.ExpFloat64() * 8)
			}
			slices.Sort(s)
		}
		if _, p := chiSquared(a, b, 200); p < .05 {
			chi++
		}
		if _, p := kolmogorovSmirnov(a, b); p < .05 {
			ks++
		}
	}
	if chi > 24 || ks > 24 || chi == 0 {
		t.Errorf("rejections of 200: χ² %d, KS %d", chi, ks)
	}
	if d, p := kolmogorovSmirnov([]uint32{1, 2, 3}, []uint32{7, 8, 9}); d != 1 || p > .2 {
		t.Errorf("disjoint samples: D %v, p %v", d, p)
	}
}

func TestMoments(t *testing.T) {
	codec := clinic(t)
	table := patients(t, codec, 3000, 4)
	c := compareColumn(describe(codec), costColumn, table, table)
	if c.Moments.Mean.Train != c.Moments.Mean.Synthetic || c.P != 1 || c.Statistic != 0 {
		t.Errorf("a column against itself: %+v", c)
	}
	if share := c.Missing.Train; share < .07 || share > .13 { // drawn with .1
		t.Errorf("missing share %v", share)
	}
	if m := c.Moments; m.Low.Train != 0 || m.Median.Train >= m.High.Train {
		t.Errorf("quantiles %+v", m)
	}
}
