package marginal

import (
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

// Uniform is what would be measured of a table that is uniform, as far as a run that
// is only rehearsed needs it: columns, and what is looked at.
func Uniform(codec *tabular.Codec, s *Plan) *Measurements {
	m := &Measurements{Target: s.target, Looked: s.Joint, Differences: s.Differences}
	if len(s.Candidates) > 0 {
		m.Looked = append(append(m.Looked, s.TargetPairs...), s.Candidates[:min(len(s.Candidates), expectedPairs*len(s.Measured))]...)
	}
	for j := range codec.Learned() {
		if !slices.Contains(s.Measured, j) {
			m.Columns = append(m.Columns, derivedBinning(codec.Size(j), 1))
			continue
		}
		const total = 1e6
		edges := codec.FineEdges(j)
		counts := make([]float64, len(edges)-1)
		for k := range counts {
			counts[k] = total / float64(len(counts))
		}
		c, masses := cutColumn(codec, j, newHistogram(edges, counts, 1), nil, 1, s.Intervals)
		c.setShares(masses, total)
		m.Columns = append(m.Columns, c)
	}
	return m
}
