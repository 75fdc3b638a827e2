package marginal

import (
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Whatever the limit, the bins measured cover all codes in runs of fine bins, a
// declared spike and "missing" stay alone, lists keep their values, and about as many
// bins are left as wanted.
func TestCoarsen(t *testing.T) {
	schema := tabular.Schema{Missing: []string{""}, Columns: []tabular.Column{
		{Name: "fare", Type: tabular.Real, Bounds: []any{0, 500}, Precision: new(int), Spike: []float64{0, 100, 500}, Nullable: true},
		{Name: "age", Type: tabular.Integer, Bounds: []any{0, 99}},
		{Name: "band", Type: tabular.Ordinal, Values: []string{"low", "mid", "high"}, Nullable: true},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for j := range codec.Learned() {
		fine := codec.FineEdges(j)
		for _, limit := range []int{1, 2, 7, 16, 64, 10_000} {
			edges := coarsen(codec, j, limit)
			bins := len(edges) - 1
			if edges[0] != 0 || edges[bins] != fine[len(fine)-1] {
				t.Fatalf("column %d, limit %d: %v", j, limit, edges)
			}
			for k, e := range edges {
				if _, ok := slices.BinarySearch(fine, e); !ok || k > 0 && e <= edges[k-1] {
					t.Fatalf("column %d, limit %d: edge %d is %d, in %v", j, limit, k, e, edges)
				}
			}
			// Each of at most four that stay alone may cut a run short.
			if bins > limit+8 && bins > 4 {
				t.Errorf("column %d, limit %d: %d bins", j, limit, bins)
			}
			if (j == 2 || limit >= len(fine)-1) && bins != len(fine)-1 {
				t.Errorf("column %d, limit %d: %d bins of %d", j, limit, bins, len(fine)-1)
			}
			if j > 0 {
				continue
			}
			for _, cell := range []string{"0", "100", "500", ""} {
				code, err := codec.Encode(0, cell)
				if err != nil {
					t.Fatal(err)
				}
				if at, ok := slices.BinarySearch(edges, code); !ok || edges[at+1] != code+1 {
					t.Errorf("limit %d: code %d is not alone in %v", limit, code, edges)
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
		column := Binning{Cells: dpsgd.Cells{Index: make([]uint32, len(c.counts))}}
		column.gatherRare(c.counts, sigma)
		if !slices.Equal(column.Index, c.index) || column.Count != c.cells {
			t.Errorf("%s: cells %v of %d, want %v of %d", name, column.Index, column.Count, c.index, c.cells)
		}
	}
}
