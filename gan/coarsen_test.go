package gan

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Whatever the limit, the bins measured cover all codes in runs of fine bins, a
// declared spike and "missing" stay alone, lists keep their values, about as many
// bins are left as wanted, and spreading counts keeps their sum in each bin.
func TestGroupAndSpread(t *testing.T) {
	schema := tabular.Schema{Missing: []string{""}, Columns: []tabular.Column{
		{Name: "fare", Type: tabular.Real, Bounds: []any{0, 500}, Precision: new(int), Spike: []float64{0, 100, 500}, Nullable: true},
		{Name: "age", Type: tabular.Integer, Bounds: []any{0, 99}},
		{Name: "band", Type: tabular.Ordinal, Values: []string{"low", "mid", "high"}, Nullable: true},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 6))
	for j := range codec.Learned() {
		fine := codec.FineEdges(j)
		for _, limit := range []int{1, 2, 7, 16, 64, 10_000} {
			g := group(codec, j, limit)
			bins := len(g.edges) - 1
			if len(g.first) != bins+1 || g.edges[0] != 0 || g.first[bins] != len(fine)-1 {
				t.Fatalf("column %d, limit %d: %+v", j, limit, g)
			}
			for k, b := range g.first {
				if g.edges[k] != fine[b] || k > 0 && g.edges[k] <= g.edges[k-1] {
					t.Fatalf("column %d, limit %d: edge %d is %d, of fine bin %d, which begins at %d", j, limit, k, g.edges[k], b, fine[b])
				}
			}
			// Each of at most four that stay alone may cut a run short.
			if bins > limit+8 && bins > 4 {
				t.Errorf("column %d, limit %d: %d bins", j, limit, bins)
			}
			if (j == 2 || limit >= len(fine)-1) && bins != len(fine)-1 {
				t.Errorf("column %d, limit %d: %d bins of %d", j, limit, bins, len(fine)-1)
			}
			var alone []uint32
			if j == 0 {
				for _, cell := range []string{"0", "100", "500", ""} {
					code, err := codec.Encode(0, cell)
					if err != nil {
						t.Fatal(err)
					}
					alone = append(alone, code)
				}
			}
			for _, code := range alone {
				if at, ok := slices.BinarySearch(g.edges, code); !ok || g.edges[at+1] != code+1 {
					t.Errorf("limit %d: code %d is not alone in %v", limit, code, g.edges)
				}
			}
			counts := make([]float64, bins)
			for k := range counts {
				counts[k] = 100 * r.NormFloat64()
			}
			spread := g.spread(counts)
			if len(spread) != len(fine)-1 {
				t.Fatalf("column %d, limit %d: %d counts for %d bins", j, limit, len(spread), len(fine)-1)
			}
			for k, n := range counts {
				sum := 0.0
				for _, x := range spread[g.first[k]:g.first[k+1]] {
					sum += x
				}
				if math.Abs(sum-n) > 1e-9 {
					t.Errorf("column %d, limit %d: bin %d sums to %g, not %g", j, limit, k, sum, n)
				}
			}
		}
	}
}

// Categories that the noise hides share the last cell, unless there is one alone,
// or nothing else.
func TestGatherRare(t *testing.T) {
	const sigma = 10
	for name, c := range map[string]struct {
		counts []float64
		index  []uint32
		cells  int
	}{
		"some":       {[]float64{1000, 5, 800, -3, 20}, []uint32{0, 3, 1, 3, 2}, 4},
		"none":       {[]float64{100, 200}, []uint32{0, 1}, 2},
		"one":        {[]float64{100, 3, 200}, []uint32{0, 1, 2}, 3},
		"all":        {[]float64{1, 2, 3}, []uint32{0, 1, 2}, 3},
		"all but 1":  {[]float64{1, 2, 300}, []uint32{1, 1, 0}, 2},
		"at the bar": {[]float64{hiddenSigmas * sigma, 1, 1}, []uint32{0, 1, 1}, 2},
	} {
		column := Column{Cells: dpsgd.Cells{Index: make([]uint32, len(c.counts))}}
		column.gatherRare(c.counts, sigma)
		if !slices.Equal(column.Index, c.index) || column.Count != c.cells {
			t.Errorf("%s: cells %v of %d, want %v of %d", name, column.Index, column.Count, c.index, c.cells)
		}
	}
}

// However many fine bins a bin is made of, the noise of their sum is the bin's.
func TestNoiseOfGroupedBins(t *testing.T) {
	codec, _ := smallTable(t)
	for _, limit := range []int{3, 7, 40, 60, 99, 1000} {
		g := group(codec, 0, limit) // a hundred values
		if got := g.fineNoise(5) * math.Sqrt(float64(g.first[1]-g.first[0])); math.Abs(got-5) > 1e-12 {
			t.Errorf("limit %d: a bin of %d fine ones has a noise of %g, want 5", limit, g.first[1]-g.first[0], got)
		}
	}
}
