package marginal

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/tabular"
)

// Isolating spikes keeps every bin's sum, gives each spike a bin of its own with
// its count, and taking them out leaves the original bins less their spikes.
func TestIsolateKeepsSums(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	for trial := range 200 {
		codes := uint32(20 + 10*r.IntN(20))
		edges := tenths(codes)
		counts := make([]float64, len(edges)-1)
		for b := range counts {
			counts[b] = 1000 + 100*r.Float64()
		}
		var found []spike
		less := slices.Clone(counts)
		for code := range codes { // one code of a bin at least is no spike, and takes the rest
			if r.IntN(4) == 0 && code%10 != 4 {
				s := spike{code, 10 + 50*r.Float64()}
				found = append(found, s)
				less[code/10] -= s.count
			}
		}
		c := newHistogram(edges, counts, 3).isolate(found, 4)
		split := c.counts
		if len(split) != len(c.edges)-1 || c.edges[0] != 0 || c.edges[len(split)] != codes {
			t.Fatalf("trial %d: %d counts for the edges %v", trial, len(split), c.edges)
		}
		sums := make([]float64, len(counts))
		for b, n := range split {
			if c.edges[b] >= c.edges[b+1] || c.edges[b]/10 != (c.edges[b+1]-1)/10 {
				t.Fatalf("trial %d: edges %v", trial, c.edges)
			}
			sums[c.edges[b]/10] += n
		}
		for b, n := range sums {
			if math.Abs(n-counts[b]) > 1e-9*counts[b] {
				t.Errorf("trial %d: bin %d sums to %g, not %g", trial, b, n, counts[b])
			}
		}
		for _, s := range found {
			at, alone := slices.BinarySearch(c.edges, s.code)
			if !alone || c.edges[at+1] != s.code+1 || split[at] != s.count {
				t.Errorf("trial %d: spike %v has no bin of its own", trial, s)
			}
		}
		for b, n := range c.without(found, edges) {
			if math.Abs(n-less[b]) > 1e-9*counts[b] {
				t.Errorf("trial %d: bin %d has %g without spikes, not %g", trial, b, n, less[b])
			}
		}
	}
}

// No spikes change nothing, and a bin below zero stays there.
func TestIsolateNothing(t *testing.T) {
	h := newHistogram(tenths(40), []float64{1, -2, 3, 4}, 2)
	if got := h.isolate(nil, 5); !slices.Equal(got.counts, h.counts) || !slices.Equal(got.edges, h.edges) || !slices.Equal(got.variance, h.variance) {
		t.Errorf("%+v of %+v", got, h)
	}
	if got := h.without(nil, tenths(40)); !slices.Equal(got, h.counts) {
		t.Errorf("counts %v without spikes", got)
	}
}

// However fine the bins that a measured one is cut into, their counts and variances
// sum to its own, in proportion to their width in fine bins.
func TestRefineKeepsCountsAndVariances(t *testing.T) {
	h := &histogram{edges: []uint32{0, 4, 5, 12, 20}, counts: []float64{8, 100, -7, 16}, variance: []float64{4, 9, 7, 16}}
	got := h.refine([]uint32{0, 2, 6, 10, 11, 20})
	want := &histogram{edges: []uint32{0, 2, 4, 5, 6, 10, 11, 12, 20}}
	ninth, seventh := 1.0/9, 1/(0.25+1+1+1.0/9)
	want.counts = []float64{8 / 1.5, 4 / 1.5, 100, -7 * 0.25 * seventh, -7 * seventh, -7 * seventh, -7 * ninth * seventh, 16}
	want.variance = []float64{4 / 1.5, 2 / 1.5, 9, 7 * 0.25 * seventh, 7 * seventh, 7 * seventh, 7 * ninth * seventh, 16}
	if !slices.Equal(got.edges, want.edges) {
		t.Fatalf("edges %v, want %v", got.edges, want.edges)
	}
	for b := range want.counts {
		if math.Abs(got.counts[b]-want.counts[b]) > 1e-12 || math.Abs(got.variance[b]-want.variance[b]) > 1e-12 {
			t.Errorf("bin %d: %g ± %g, want %g ± %g", b, got.counts[b], got.variance[b], want.counts[b], want.variance[b])
		}
	}
}

// Where values are recorded on a coarser grid than declared, the counts of the cells
// are still right within the noise that is claimed of them: an interval ends where
// a measured bin does, and spikes are taken out of the bin they were counted in.
func TestCellsOfHeapedNumbersHaveTheNoiseTheyClaim(t *testing.T) {
	schema := tabular.Schema{Columns: []tabular.Column{{Name: "x", Type: tabular.Integer, Bounds: []any{0, 999}}}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	const sigma, trials = 20.0, 200
	truth := make([]float64, 1000)
	for v := 0; v < 1000; v += 25 { // all rows at multiples of 25, three of them spikes
		truth[v] = 50
	}
	truth[100], truth[475], truth[525] = 900, 700, 800
	r := rand.New(rand.NewPCG(8, 8))
	edges, sum, cells := coarsen(codec, 0, 24), 0.0, 0.0
	for range trials {
		counts := make([]float64, len(edges)-1)
		for b := range counts {
			for _, n := range truth[edges[b]:edges[b+1]] {
				counts[b] += n
			}
			counts[b] += sigma * r.NormFloat64()
		}
		found := []spike{{100, truth[100] + sigma*r.NormFloat64()}, {475, truth[475] + sigma*r.NormFloat64()}, {525, truth[525] + sigma*r.NormFloat64()}}
		c, masses := cutColumn(codec, 0, newHistogram(edges, counts, sigma), found, sigma, 12)
		want := make([]float64, c.Count)
		for b, cell := range c.Index {
			for _, n := range truth[c.Edges[b]:c.Edges[b+1]] {
				want[cell] += n
			}
		}
		for cell := range masses {
			off := (masses[cell] - want[cell]) / c.Noise[cell]
			sum, cells = sum+off*off, cells+1
		}
	}
	if got := math.Sqrt(sum / cells); got > 1.1 || got < 0.7 { // clipping at zero makes it smaller
		t.Errorf("counts are off by %.2f times the noise claimed", got)
	}
}

// Wherever spikes lie, also at all codes of a bin, the cells cover the column.
func TestCellsAmongSpikes(t *testing.T) {
	schema := tabular.Schema{Columns: []tabular.Column{{Name: "x", Type: tabular.Integer, Bounds: []any{0, 599}}}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 8))
	for trial := range 300 {
		edges := coarsen(codec, 0, 16+r.IntN(240))
		counts := make([]float64, len(edges)-1)
		for b := range counts {
			counts[b] = 200*r.Float64() - 20
		}
		var found []spike
		for from := uint32(r.IntN(50)); from < 600; from += uint32(1 + r.IntN(100)) {
			for code := from; code < min(from+uint32(r.IntN(12)), 600); code++ {
				if len(found) == 0 || found[len(found)-1].code < code {
					found = append(found, spike{code, 100 * r.Float64()})
				}
			}
		}
		c, masses := cutColumn(codec, 0, newHistogram(edges, counts, 10), found, 10, 1+r.IntN(32))
		c.setShares(masses, 1000)
		if err := c.Check(codec.Size(0)); err != nil || c.Count < len(found) {
			t.Fatalf("trial %d: %d cells, %d spikes: %v", trial, c.Count, len(found), err)
		}
	}
}
