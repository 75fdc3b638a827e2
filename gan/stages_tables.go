package gan

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

const (
	// The 1-way tables' part of the marginals' budget: what brings their noise down
	// to singleNoise of the rows, but within these bounds, the second where pairs are
	// chosen. A small table loses more by blurred columns than it gains by pairs.
	leastSingles, mostSingles, mostSinglesOfChosen = 0.12, 0.5, 0.65
	singleNoise                                    = 0.004
	// clearBins is how far above its noise, in standard deviations, the mean bin of a
	// number lies; leastBins is what it has at least.
	clearBins, leastBins = 2, 16
	// mostIntervals is the most that a number is cut into, where pairs are chosen
	// mostIntervalsOfChosen; fineIntervals is what tables of all must leave it,
	// tripleIntervals what triples of few columns must, coarseIntervals what it has at least.
	mostIntervals, mostIntervalsOfChosen, fineIntervals, tripleIntervals, coarseIntervals = 32, 16, 24, 16, 4
	// rowsPerInterval bounds the intervals of small tables, but not below tripleIntervals:
	// what is finer is fitted to chance.
	rowsPerInterval = 350
	// How far above its noise, in standard deviations, the mean count of a joint table
	// must lie: of all, of as many as are likely to be chosen, and of the few of a narrow
	// table.
	clearOfAll, clearOfChosen, clearOfFew = 1.25, 2.5, 0.75
	// likelyPairs is about how many pairs a column are chosen. A table that has no more
	// pairs than that is narrow, and they are all measured.
	likelyPairs = 2
)

// planTables settles the joint tables: triples with the target, or without one pairs,
// of all columns if their counts stand clear of the noise. Else pairs, as many as are
// worth it. Numbers are cut more coarsely until counts do stand clear.
func (s *Stages) planTables(codec *tabular.Codec, whole, rows float64) {
	r, n := &s.Releases, float64(len(s.Measured))
	r.OneWay, r.Tables = len(s.Measured), len(s.Unmapped)
	s.Intervals = mostIntervals
	s.shareSingles(whole, rows, mostSingles)
	if n < 2 {
		if r.Tables == 0 {
			r.OneWayShare, r.TablesShare = s.Marginals, 0
		}
		return
	}
	clear := func(tables [][]int, count float64) float64 {
		cells := 0.0
		for _, table := range tables {
			size := 1.0
			for _, j := range table {
				size *= cellsOf(codec, j, s.Intervals)
			}
			cells += size
		}
		return rows * float64(len(tables)) / cells / (whole * math.Sqrt((count+float64(len(s.Unmapped)))/r.TablesShare))
	}
	// cut settles Intervals, from most to least, and reports whether tables are clear.
	cut := func(tables [][]int, count, bar float64, most, least int) bool {
		s.Intervals = most
		for s.Intervals > least && clear(tables, count) < bar {
			s.Intervals = max(s.Intervals*3/4, least)
		}
		return clear(tables, count) >= bar
	}
	pairs, triples := pairsOf(s.Measured), triplesOf(s.Measured, s.target)
	all := triples
	if len(all) == 0 {
		all = pairs
	}
	narrow := float64(len(pairs)) <= likelyPairs*n
	switch {
	case cut(all, float64(len(all)), clearOfAll, mostIntervals, fineIntervals):
		s.Joint = all
	case narrow && cut(all, float64(len(all)), clearOfFew, mostIntervals, tripleIntervals):
		s.Joint = all
	case narrow:
		cut(pairs, float64(len(pairs)), clearOfFew, mostIntervals, coarseIntervals)
		s.Joint = pairs
	default:
		s.shareSingles(whole, rows, mostSinglesOfChosen)
		s.Candidates = slices.DeleteFunc(pairs, func(pair []int) bool { return slices.Contains(pair, s.target) })
		cut(s.Candidates, likelyPairs*n, clearOfChosen, mostIntervalsOfChosen, coarseIntervals)
		s.shareChoice()
	}
	s.Intervals = min(s.Intervals, max(tripleIntervals, int(rows/rowsPerInterval)))
	r.Tables += len(s.Joint) + len(s.Candidates)
}

// shareSingles splits the tables' budget into that of single columns and the rest.
func (s *Stages) shareSingles(whole, rows, most float64) {
	r := &s.Releases
	needed := whole * whole * float64(r.OneWay+len(s.Spiky)) / (singleNoise * rows * singleNoise * rows)
	r.OneWayShare = math.Max(leastSingles*s.Marginals, math.Min(needed, most*s.Marginals))
	r.TablesShare = s.Marginals - r.OneWayShare
}

// shareChoice takes from the joint tables what choosing them costs.
func (s *Stages) shareChoice() {
	r := &s.Releases
	for _, j := range s.Measured {
		if s.target >= 0 && j != s.target {
			s.TargetTables = append(s.TargetTables, []int{j, s.target})
		}
	}
	r.TargetTables, r.Scores = len(s.TargetTables), len(s.Candidates)
	if r.TargetTables > 0 {
		r.TargetTablesShare = targetTablesShare * r.TablesShare
	}
	r.ScoresShare = scoresShare * r.TablesShare
	r.TablesShare -= r.TargetTablesShare + r.ScoresShare
}

// cellsOf is about how many cells column j will have.
func cellsOf(codec *tabular.Codec, j, intervals int) float64 {
	return math.Min(float64(len(codec.FineEdges(j))-1), float64(intervals))
}

func pairsOf(columns []int) [][]int {
	var pairs [][]int
	for at, a := range columns {
		for _, b := range columns[:at] {
			pairs = append(pairs, []int{a, b})
		}
	}
	return pairs
}

// triplesOf pairs all columns but target, each pair with target.
func triplesOf(columns []int, target int) [][]int {
	var triples [][]int
	if !slices.Contains(columns, target) {
		return nil
	}
	for _, pair := range pairsOf(columns) {
		if pair[0] != target && pair[1] != target {
			triples = append(triples, append(pair, target))
		}
	}
	return triples
}
