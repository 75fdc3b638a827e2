package marginal

import (
	"slices"

	"github.com/dpgan/dpgan/tabular"
	"gonum.org/v1/gonum/stat/distuv"
)

// A number may recur far more often than its neighbours: a top code, a default,
// an exact zero. Such spikes are looked for in a noisy table of all values, one
// more 1-way table for each column whose values outnumber its bins.

// spike is a value with a cell of its own.
type spike struct {
	code  uint32
	count float64
}

// maxValues is the most values of a column that spikes are looked for among.
const maxValues = 1 << 17

// falseSpikes is the expected number of spikes in a column that has none.
const falseSpikes = 0.05

// spiky lists the columns that get a table of all values: the schema decides.
func spiky(codec *tabular.Codec) []int {
	var columns []int
	for j := range codec.Learned() {
		if size := codec.Size(j); size <= maxValues && len(codec.FineEdges(j))-1 < int(size) {
			columns = append(columns, j)
		}
	}
	return columns
}

// findSpikes lists the values whose noisy count is one that noise alone, of
// standard deviation sigma, would give to falseSpikes values of the column, and
// that do not have a bin of their own anyway.
func findSpikes(edges []uint32, counts []float64, sigma float64) []spike {
	bar := sigma * distuv.UnitNormal.Quantile(1-falseSpikes/float64(len(counts)))
	var found []spike
	for code, n := range counts {
		if n < bar {
			continue
		}
		at, lower := slices.BinarySearch(edges, uint32(code))
		if lower && edges[at+1] == uint32(code)+1 {
			continue
		}
		found = append(found, spike{uint32(code), n})
	}
	return found
}
