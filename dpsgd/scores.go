package dpsgd

import (
	"fmt"
)

// Scores releases, for each of tables, how far it is from what is expected of it,
//
//	s = Σ_cells |count - expected|,
//
// in rows, plus an exactly rounded normal of standard deviation r.Noise. One row more or less changes one count by one; expected, of
// table t over its cells, the last column's running fastest, are integers that
// must not depend on the rows but by what is paid for. So each score has
// sensitivity 1. Together they are charged as r, as those of Tables are.
func (g *Gate) Scores(cells []Cells, tables [][]int, expected func(t int) []int64, r Release) ([]float64, error) {
	of, err := g.own(cells)
	if err != nil {
		return nil, err
	}
	counted, noise, err := g.countPaid(cells, of, tables, r)
	if err != nil {
		return nil, err
	}
	scores := make([]int64, len(tables))
	for t, counts := range counted {
		guess := expected(t)
		if len(guess) != len(counts) {
			return nil, fmt.Errorf("dpsgd: %d counts expected of table %d, which has %d cells", len(guess), t, len(counts))
		}
		for k, n := range counts {
			scores[t] += max(n-guess[k], guess[k]-n)
		}
	}
	out, err := g.noisy([][]int64{scores}, noise)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}
