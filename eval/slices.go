package eval

import "github.com/dpgan/dpgan/eval/learn"

// Slice is how boosted trees serve one group of the holdout: trained on real
// and on synthetic rows. For classes the measure is the AUC, and rates are the
// share predicted to be of the rarer class beside the true share; for numbers
// the measure is R², and rates are means.
type Slice struct {
	Group                   string
	Rows                    int
	Real, Synthetic         float64
	Rate                    float64
	RealRate, SyntheticRate float64
}

// leastSlice rows are needed to say something about a group.
const leastSlice = 50

// slice compares predictions of boosted trees by group of the holdout.
func (e *evaluation) slice(real, synthetic []Prediction) []Slice {
	const trees = 1 // of learners
	truth := e.target.values(e.judged).Values
	c := &e.columns[e.group]
	groups := c.bin(e.judged.columns[e.group])
	var out []Slice
	for g := range c.bins() {
		rows := indicesWhere(groups, func(x uint32) bool { return x == uint32(g) })
		if len(rows) < leastSlice {
			continue
		}
		s := Slice{Group: e.label(e.group, c.edges[g]), Rows: len(rows)}
		if c.number && c.edges[g+1]-c.edges[g] > 1 {
			s.Group += " to " + e.label(e.group, c.edges[g+1]-1)
		}
		s.Real, s.RealRate, s.Rate = e.sliceScore(real[trees].values, truth, rows)
		s.Synthetic, s.SyntheticRate, _ = e.sliceScore(synthetic[trees].values, truth, rows)
		out = append(out, s)
	}
	return out
}

// sliceScore is the measure, the predicted and the true rate of some rows.
func (e *evaluation) sliceScore(values [][]float64, truth []float64, rows []int) (measure, said, is float64) {
	y := make([]float64, len(rows))
	p := make([][]float64, len(values))
	for k := range p {
		p[k] = make([]float64, len(rows))
		for r, i := range rows {
			p[k][r] = values[k][i]
		}
	}
	n := float64(len(rows))
	for r, i := range rows {
		y[r] = truth[i]
	}
	if e.target.classes == 0 {
		for r := range rows {
			said += p[0][r] / n
			is += y[r] / n
		}
		return learn.R2(p[0], y, nil), said, is
	}
	for r, k := range likeliest(p) {
		if k == e.rarest {
			said += 1 / n
		}
		if int(y[r]) == e.rarest {
			is += 1 / n
		}
	}
	return learn.MacroAUC(p, y), said, is
}
