package mixture

import (
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestNewRefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, c := range map[string]struct {
		p      []float32
		counts []int
	}{
		"no columns":            {[]float32{1}, nil},
		"no atoms":              {nil, []int{2}},
		"a column of no cells":  {[]float32{1}, []int{1, 0}},
		"a negative count":      {[]float32{1}, []int{2, -1}},
		"half a row":            {[]float32{0.5, 0.5, 1}, []int{2}},
		"a negative share":      {[]float32{1.5, -0.5}, []int{2}},
		"not a number":          {[]float32{nan, 1}, []int{2}},
		"infinity":              {[]float32{inf, 0}, []int{2}},
		"more than one":         {[]float32{0.6, 0.6}, []int{2}},
		"less than one":         {[]float32{0.3, 0.3}, []int{2}},
		"one across two column": {[]float32{0.3, 0.2, 0.3, 0.2}, []int{2, 2}},
	} {
		if m, err := New(c.p, c.counts); err == nil {
			t.Errorf("%s: made %+v", name, m)
		}
	}
	if _, err := New([]float32{0.25, 0.75, 1, 0, 1, 1}, []int{2, 1}); err != nil {
		t.Error(err)
	}
}

// No cell without a share is drawn, not even by the largest u below one.
func TestDrawNeedsAShare(t *testing.T) {
	largest := math.Nextafter32(1, 0)
	r := rand.New(rand.NewPCG(2, 2))
	for trial := range 2000 {
		p, sum := make([]float32, 6), float32(0)
		for k := range 5 { // the last cell has no share
			if r.IntN(3) > 0 || k == 0 {
				p[k] = float32(r.ExpFloat64())
			}
			sum += p[k]
		}
		for k := range p {
			p[k] /= sum
		}
		m, err := New(p, []int{6})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range []float32{0, largest, r.Float32()} {
			if k := m.draw(0, 0, u); p[k] == 0 {
				t.Fatalf("trial %d: u=%v drew cell %d of %v", trial, u, k, p)
			}
		}
	}
}

func TestSampleTakesAtomsEquallyOften(t *testing.T) {
	m := random(t, 13, []int{3, 2}, 1)
	for _, n := range []int{1, 12, 13, 14, 1000, 1300} {
		rows := m.Sample(n, 7)
		if rows.Len() != n || len(rows.Cells) != 2*n {
			t.Fatalf("n=%d: %d rows of %d cells", n, rows.Len(), len(rows.Cells))
		}
		often := make([]int, m.Atoms())
		for _, i := range rows.Atoms {
			often[i]++
		}
		for i, k := range often {
			if k != n/13 && k != (n+12)/13 {
				t.Errorf("n=%d: atom %d occurs %d times", n, i, k)
			}
		}
	}
}

// The table of all columns is that of the mixture: χ² with a false alarm in 1e6.
// Equal numbers of each atom make χ² smaller, if anything.
func TestSampleFollowsTheMixture(t *testing.T) {
	for seed := range uint64(5) {
		m := random(t, 11, []int{3, 2, 4}, seed)
		const n = 50_000
		rows, want := m.Sample(n, seed), m.joint()
		counts := make([]float64, len(want))
		for i := range n {
			counts[m.ravel(rows.row(i))]++
		}
		chi, cells, rare, rareWant := 0.0, 0, 0.0, 0.0
		for at, p := range want {
			switch {
			case p == 0:
				if counts[at] > 0 {
					t.Fatalf("seed %d: cell %v has no share and was drawn", seed, m.unravel(at))
				}
			case p*n < 10: // too few for χ² by themselves
				rare, rareWant = rare+counts[at], rareWant+p*n
			default:
				chi += (counts[at] - p*n) * (counts[at] - p*n) / (p * n)
				cells++
			}
		}
		if rareWant >= 10 {
			chi += (rare - rareWant) * (rare - rareWant) / rareWant
			cells++
		}
		if most := (distuv.ChiSquared{K: float64(cells - 1)}).Quantile(1 - 1e-6); chi > most {
			t.Errorf("seed %d: χ² = %.1f over %d cells, more than %.1f", seed, chi, cells, most)
		}
	}
}

// What is drawn depends on the seed alone, not on the number of threads.
func TestRowsDoNotDependOnThreads(t *testing.T) {
	m := random(t, 40, []int{4, 3, 5, 2}, 3)
	drawn := func(threads int, seed uint64) (plain, refined *Rows) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		plain, refined = m.Sample(5000, seed), m.Sample(5000, seed)
		m.Refine(refined, m.FromAtoms(refined), seed, 10)
		return plain, refined
	}
	p1, r1 := drawn(1, 9)
	p4, r4 := drawn(4, 9)
	for name, same := range map[string]bool{"sample": reflect.DeepEqual(p1, p4), "refined": reflect.DeepEqual(r1, r4)} {
		if !same {
			t.Errorf("%s: one thread and four give different rows", name)
		}
	}
	if p, _ := drawn(4, 10); reflect.DeepEqual(p1, p) {
		t.Error("another seed gives the same rows")
	}
}

// moments of the mixture, by the table of all columns.
func (m *Mixture) bruteMoments() []float64 {
	out := make([]float64, m.width*m.width)
	for at, p := range m.joint() {
		row := m.unravel(at)
		for j, x := range row {
			for k, y := range row {
				out[(m.starts[j]+int(x))*m.width+m.starts[k]+int(y)] += p
			}
		}
	}
	return out
}

func TestMomentsAreThoseOfTheTable(t *testing.T) {
	for seed, counts := range [][]int{{3}, {2, 3}, {3, 1, 4}, {2, 2, 3, 3}} {
		m := random(t, 9, counts, uint64(seed))
		got := m.Moments()
		for at, want := range m.bruteMoments() {
			if math.Abs(float64(got[at])-want) > 1e-6 { // float32
				t.Errorf("%v: cells %d and %d: %g, want %g", counts, at/m.width, at%m.width, got[at], want)
			}
		}
		for j := range counts {
			for k, share := range m.Shares(j) {
				at := m.starts[j] + k
				if math.Abs(share-float64(got[at*m.width+at])) > 1e-6 {
					t.Errorf("%v: share %d of column %d is %g, the diagonal says %g", counts, k, j, share, got[at*m.width+at])
				}
			}
		}
	}
}
