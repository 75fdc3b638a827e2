package gan

import (
	"math"
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

// isolate gives each spike a bin of its own, and returns the counts of all bins:
// what is left of a bin, if that is above zero, is spread evenly over its parts.
func (c *Column) isolate(counts []float64, found []spike) []float64 {
	if len(found) == 0 {
		return counts
	}
	edges := []uint32{0}
	var split []float64
	for b, n := range counts {
		lo, hi := c.Edges[b], c.Edges[b+1]
		rest, codes := n, float64(hi-lo)
		var here []spike
		for len(found) > 0 && found[0].code < hi {
			here = append(here, found[0])
			rest -= found[0].count
			codes--
			found = found[1:]
		}
		part := func(to uint32) {
			if from := edges[len(edges)-1]; to > from {
				edges = append(edges, to)
				split = append(split, math.Max(rest, 0)*float64(to-from)/math.Max(codes, 1))
			}
		}
		for _, s := range here {
			part(s.code)
			edges = append(edges, s.code+1)
			split = append(split, s.count)
		}
		part(hi)
	}
	c.Edges = edges
	return split
}

// withoutSpikes are the counts of the original bins less their spikes.
func (c *Column) withoutSpikes(edges []uint32, counts []float64, found []spike) []float64 {
	out := make([]float64, len(edges)-1)
	bin := 0
	for b, n := range counts {
		for edges[bin+1] <= c.Edges[b] {
			bin++
		}
		if len(found) > 0 && found[0].code == c.Edges[b] {
			found = found[1:]
			continue
		}
		out[bin] += n
	}
	return out
}
