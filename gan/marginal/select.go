package marginal

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
)

// Where rows are few, or columns many, tables of all pairs would each get so much
// noise that none says much. Then each column is measured with the target, all
// other pairs get a noisy score of how far they are from what those tables make
// one expect, and the pairs whose score is worth the noise share what is left of
// the budget. This is the idea of MST and AIM (McKenna, Miklau, Sheldon 2021,
// arXiv 2108.04978; McKenna, Mullins, Sheldon, Miklau 2022, arXiv 2201.12677) in
// one round, and with scores in place of the exponential mechanism: a score is
// a count of sensitivity 1, and all of them tell how many pairs are worth it.
const (
	// targetTablesShare and scoresShare are parts of the joint tables' budget; steps of a
	// discriminator see what scoutShare is too little for.
	targetTablesShare, scoutShare, scoresShare = 0.2, 0.1, 0.1
	// scoredCells is about the most cells of a column that scores tell apart: what is
	// finer strays by chance, and scores do not.
	scoredCells = 8
	// residualNoise is the part of the noise's mean size, on a count, that is left after the
	// fit; the mean size itself is 0.8 standard deviations.
	residualNoise = 0.3
	// choiceSlack is how much more noise the chosen tables get than would spend what the
	// candidates would have: the accountant rounds up.
	choiceSlack = 1.001
)

// gatherCells joins neighbouring cells of a column until each has at least 1/limit of the
// rows: cell k becomes of[k].
func gatherCells(c *Binning, limit int) (cells dpsgd.Cells, of []int) {
	cells = dpsgd.Cells{Edges: c.Edges, Index: make([]uint32, len(c.Index))}
	of = make([]int, c.Count)
	sum := 0.0
	for k, p := range c.Shares {
		of[k] = cells.Count
		if sum += p; sum >= 1/float64(limit) || k == c.Count-1 || c.Count <= limit {
			cells.Count++
			sum = 0
		}
	}
	for b, k := range c.Index {
		cells.Index[b] = uint32(of[k])
	}
	return cells, of
}

// expectedAbsDeviation is E|X - round(x)| for X ~ Poisson(x): what chance adds to a score.
func expectedAbsDeviation(x float64) float64 {
	const many, tail = 30, 100
	if x > many {
		return math.Sqrt(2 * x / math.Pi)
	}
	sum, p, middle := 0.0, math.Exp(-x), math.Round(x)
	for k := range tail {
		sum += p * math.Abs(float64(k)-middle)
		p *= x / float64(k+1)
	}
	return sum
}

// measureSelected pays for the tables with the target, for scores of the candidates,
// and for the tables that are worth it.
func (m *Measurements) measureSelected(gate *dpsgd.Gate, s *Plan) error {
	if target := s.of(TargetTables); target.Count > 0 {
		if err := m.measure(gate, s.TargetPairs, *target); err != nil {
			return err
		}
	}
	m.Chosen, m.Target = true, s.target
	scores, err := m.score(gate, s.Candidates, *s.of(Scores))
	if err != nil {
		return err
	}
	sizes := make([]float64, len(s.Candidates))
	for t, pair := range s.Candidates {
		sizes[t] = float64(m.Columns[pair[0]].Count * m.Columns[pair[1]].Count)
	}
	// What a count of so many tables is known to, by tables and steps together.
	known := func(chosen int) float64 {
		all := float64(chosen + len(s.Unmapped))
		if s.Releases.Steps > 0 { // which look at them too
			all += float64(len(s.TargetPairs))
		}
		return s.whole * math.Sqrt(all/(s.of(JointTables).Share+s.Discriminator))
	}
	var tables [][]int
	for _, t := range selectTables(scores, sizes, known) {
		tables = append(tables, s.Candidates[t])
	}
	m.Looked = slices.Concat(s.TargetPairs, tables)
	joint := *s.of(JointTables)
	if joint.Count == 0 {
		return nil
	}
	// The noise with which so many tables spend what is for all candidates.
	joint.Noise *= math.Sqrt(float64(len(tables)+len(s.Unmapped)) / float64(joint.Count))
	const tries = 100 // one is enough unless the accountant rounds more than that
	for range tries {
		joint.Noise *= choiceSlack
		if err = m.measure(gate, tables, joint); !errors.Is(err, dpsgd.ErrBudget) {
			break // a refusal charges nothing
		}
	}
	m.TablesNoise = joint.Noise
	return err
}

// score pays for how many rows each pair has more or less in some cells than the
// tables with the target make one expect, chance aside.
func (m *Measurements) score(gate *dpsgd.Gate, pairs [][]int, r dpsgd.Release) ([]float64, error) {
	cells, of, counts := make([]dpsgd.Cells, len(m.Columns)), make([][]int, len(m.Columns)), make([]int, len(m.Columns))
	for j := range m.Columns {
		cells[j], of[j] = gatherCells(&m.Columns[j], scoredCells)
		counts[j] = cells[j].Count
	}
	rows := float64(gate.RowCount())
	expected := m.NaiveBayes(m.Tables, m.Counts, m.Noise, rows).gather(of, counts)
	guess := func(t int) []int64 {
		var out []int64
		for _, p := range expected.Pair(pairs[t][0], pairs[t][1]) {
			out = append(out, int64(math.Round(rows*p)))
		}
		return out
	}
	scores, err := gate.L1Distances(cells, pairs, guess, r)
	for t := range scores {
		for _, p := range expected.Pair(pairs[t][0], pairs[t][1]) {
			scores[t] -= expectedAbsDeviation(rows * p)
		}
	}
	return scores, err
}

// selectTables chooses so many of the tables of the given scores and sizes, in cells,
// that the sum of score - feltNoise·sigma(k)·size, k the number chosen, is the
// largest: what would be missed without a table, less what its noise does. Above 50
// tables, numbers of them are tried in steps of 2 %.
func selectTables(scores, sizes []float64, sigma func(chosen int) float64) (chosen []int) {
	order, gain, best := make([]int, len(scores)), make([]float64, len(scores)), 0.0
	for t := range order {
		order[t] = t
	}
	for k := 1; k <= len(scores); k += 1 + k/50 {
		for t := range scores {
			gain[t] = scores[t] - residualNoise*sigma(k)*sizes[t]
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(gain[b], gain[a]) })
		sum := 0.0
		for _, t := range order[:k] {
			sum += gain[t]
		}
		if sum > best {
			best, chosen = sum, slices.Clone(order[:k])
		}
	}
	slices.Sort(chosen)
	return chosen
}
