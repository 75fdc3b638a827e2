package eval

import (
	"context"
	"slices"

	"github.com/dpgan/dpgan/internal/parallel"
)

const (
	maxPairs    = 5000    // all pairs of 100 columns; of wider tables a sample
	triples     = 100     // as the published protocol has it
	denseLimit  = 1 << 22 // cells counted in an array; above it in a map
	subsetsPart = "subsets"
)

// subset is a few columns and the distance between two tables on them.
type subset struct {
	columns  []int
	distance float64 // total variation, ½Σ|p−q| over the cells of the public bins
}

// subsets are the sets of width columns that an evaluation compares: all of
// them up to limit, else a sample without repetition that the seed fixes.
func subsets(columns, width, limit int, seed uint64, part string) [][]int {
	if width > columns {
		return nil
	}
	total := 1
	for k := range width {
		total = total * (columns - k) / (k + 1)
	}
	if total <= limit {
		return combinations(columns, width)
	}
	random := generator(seed, part)
	seen := map[[3]int]bool{}
	var out [][]int
	for len(out) < limit {
		set := random.Perm(columns)[:width]
		slices.Sort(set)
		var key [3]int
		copy(key[:], set)
		if !seen[key] {
			seen[key] = true
			out = append(out, set)
		}
	}
	return out
}

// combinations lists the ascending sets of width out of n, in order.
func combinations(n, width int) [][]int {
	var out [][]int
	set := make([]int, width)
	var grow func(at, from int)
	grow = func(at, from int) {
		if at == width {
			out = append(out, slices.Clone(set))
			return
		}
		for c := from; c < n; c++ {
			set[at] = c
			grow(at+1, c+1)
		}
	}
	grow(0, 0)
	return out
}

// distances compares the joint distributions of a and b on every set.
func distances(ctx context.Context, columns []column, a, b binned, sets [][]int) ([]subset, error) {
	out := make([]subset, len(sets))
	err := parallel.Workers(ctx, len(sets), func() func(int) error {
		var counts []int64
		return func(i int) error {
			cells := 1
			for _, j := range sets[i] {
				cells *= columns[j].bins()
			}
			out[i].columns = sets[i]
			if cells > denseLimit {
				out[i].distance = sparseDistance(columns, a, b, sets[i])
				return nil
			}
			if len(counts) < cells {
				counts = make([]int64, cells)
			}
			out[i].distance = denseDistance(columns, a, b, sets[i], counts[:cells])
			return nil
		}
	})
	return out, err
}

// cellKey walks the rows of t and gives each the number of its cell.
func cellKey(columns []column, t binned, set []int, visit func(cell uint64)) {
	sizes := [3]uint64{}
	for k, j := range set {
		sizes[k] = uint64(columns[j].bins())
	}
	first := t[set[0]]
	switch len(set) {
	case 1:
		for _, x := range first {
			visit(uint64(x))
		}
	case 2:
		second := t[set[1]]
		for i, x := range first {
			visit(uint64(x)*sizes[1] + uint64(second[i]))
		}
	default:
		second, third := t[set[1]], t[set[2]]
		for i, x := range first {
			visit((uint64(x)*sizes[1]+uint64(second[i]))*sizes[2] + uint64(third[i]))
		}
	}
}

func denseDistance(columns []column, a, b binned, set []int, counts []int64) float64 {
	clear(counts)
	na, nb := int64(len(a[0])), int64(len(b[0]))
	cellKey(columns, a, set, func(cell uint64) { counts[cell] += nb })
	cellKey(columns, b, set, func(cell uint64) { counts[cell] -= na })
	excess := int64(0)
	for _, c := range counts {
		excess += max(c, 0)
	}
	return float64(excess) / (float64(na) * float64(nb))
}

func sparseDistance(columns []column, a, b binned, set []int) float64 {
	type pair struct{ a, b int32 }
	counts := map[uint64]pair{}
	cellKey(columns, a, set, func(cell uint64) { c := counts[cell]; c.a++; counts[cell] = c })
	cellKey(columns, b, set, func(cell uint64) { c := counts[cell]; c.b++; counts[cell] = c })
	// Integers, so that the order of the map does not show in the last digits.
	na, nb := int64(len(a[0])), int64(len(b[0]))
	common := int64(0)
	for _, c := range counts {
		common += min(int64(c.a)*nb, int64(c.b)*na)
	}
	return 1 - float64(common)/(float64(na)*float64(nb))
}

// meanAndMax of the distances; zeros for none.
func meanAndMax(sets []subset) (mean, largest float64) {
	for _, s := range sets {
		mean += s.distance / float64(len(sets))
		largest = max(largest, s.distance)
	}
	return mean, largest
}
