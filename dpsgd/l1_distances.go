package dpsgd

import "fmt"

// L1Distances releases, for each of tables, how far it is from what is expected of it,
//
//	d = Σ_cells |count - expected|,
//
// in rows, plus an exactly rounded normal of standard deviation r.Noise. One row
// more or less changes one count by one; expected, of table t over its cells, the
// last column's running fastest, are integers that must not depend on the rows but
// by what is paid for. So each distance has sensitivity 1. Together they are charged
// as r, as those of Tables are.
func (g *Gate) L1Distances(cells []Cells, tables [][]int, expected func(t int) []int64, r Release) ([]float64, error) {
	of, err := g.allColumns(cells)
	if err != nil {
		return nil, err
	}
	tableCounts, noise, err := g.chargeAndCount(cells, of, tables, r)
	if err != nil {
		return nil, err
	}
	distances := make([]int64, len(tables))
	for t, counts := range tableCounts {
		want := expected(t)
		if len(want) != len(counts) {
			return nil, fmt.Errorf("dpsgd: %d counts expected of table %d, which has %d cells", len(want), t, len(counts))
		}
		for k, n := range counts {
			distances[t] += max(n-want[k], want[k]-n)
		}
	}
	out, err := g.noisy([][]int64{distances}, noise)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}
