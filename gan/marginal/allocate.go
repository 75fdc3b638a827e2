package marginal

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

const (
	// warmShare is the part of what joint tables and the discriminator get together that
	// tables take where nothing is said.
	warmShare = 0.2
	// The 1-way tables' part of the budget: what brings their noise down
	// to singleNoise of the rows, but within these bounds, the second where pairs are
	// chosen. A small table loses more by blurred columns than it gains by pairs.
	leastOneWay, mostOneWay, mostOneWayOfChosen = 0.12, 0.5, 0.65
	oneWayNoise                                 = 0.004
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
	// expectedPairs is about how many pairs a column are chosen. A table that has no more
	// pairs than that is narrow, and they are all measured.
	expectedPairs = 2
)

// planTables settles what the discriminator looks at: triples with the target, or without
// one pairs, of all columns if their counts stand clear of the noise. Else pairs, as many
// as are worth it. Numbers are cut more coarsely until counts do stand clear. It does
// not matter whether tables or steps pay for them: a count is known as well by either.
func (s *Plan) planTables(codec *tabular.Codec, rows float64) {
	oneWay, n := s.of(OneWay), float64(len(s.Measured))
	oneWay.Count = len(s.Measured)
	s.Intervals = mostIntervals
	joint := s.shareOneWay(rows, mostOneWay)
	if n < 2 { // there is nothing to look at
		s.Releases.Steps, s.Discriminator, s.Open = 0, 0, false
		if len(s.Unmapped) == 0 {
			oneWay.Share, joint = oneWay.Share+joint, 0
		}
		s.shareJoint(joint)
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
		return rows * float64(len(tables)) / cells / (s.whole * math.Sqrt((count+float64(len(s.Unmapped)))/joint))
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
	narrow := float64(len(pairs)) <= expectedPairs*n
	switch {
	case cut(all, float64(len(all)), clearOfAll, mostIntervals, fineIntervals):
		s.Joint = all
	case narrow && cut(all, float64(len(all)), clearOfFew, mostIntervals, tripleIntervals):
		s.Joint = all
	case narrow:
		cut(pairs, float64(len(pairs)), clearOfFew, mostIntervals, coarseIntervals)
		s.Joint = pairs
	default:
		joint = s.shareOneWay(rows, mostOneWayOfChosen)
		s.Candidates = slices.DeleteFunc(pairs, func(pair []int) bool { return slices.Contains(pair, s.target) })
		cut(s.Candidates, expectedPairs*n, clearOfChosen, mostIntervalsOfChosen, coarseIntervals)
		joint = s.shareChoice(joint)
	}
	s.Intervals = min(s.Intervals, max(tripleIntervals, int(rows/rowsPerInterval)))
	s.shareJoint(joint)
}

// shareOneWay gives single columns their share, and returns what is left for the rest.
func (s *Plan) shareOneWay(rows, most float64) (rest float64) {
	oneWay, all := s.of(OneWay), s.Marginals+s.Discriminator
	if s.Pure() {
		oneWay.Share = 1 - s.Discriminator
		return s.Discriminator
	}
	needed := s.whole * s.whole * float64(oneWay.Count+len(s.Spiky)) / (oneWayNoise * rows * oneWayNoise * rows)
	oneWay.Share = min(math.Max(leastOneWay*all, math.Min(needed, most*all)), mostOneWayOfChosen*s.Marginals)
	return all - oneWay.Share
}

// shareChoice takes from joint what choosing pairs costs, and returns what is left.
func (s *Plan) shareChoice(joint float64) float64 {
	target, scores := s.of(TargetTables), s.of(Scores)
	for _, j := range s.Measured {
		if s.target >= 0 && j != s.target {
			s.TargetPairs = append(s.TargetPairs, []int{j, s.target})
		}
	}
	scores.Count, scores.Share = len(s.Candidates), scoresShare*joint
	if tables := s.Marginals - s.of(OneWay).Share; len(s.TargetPairs) > 0 && tables > 0 {
		share := targetTablesShare
		if s.Releases.Steps > 0 {
			share = scoutShare
		}
		target.Count, target.Share = len(s.TargetPairs), min(share*joint, tables/2)
	}
	return joint - target.Share - scores.Share
}

// shareJoint splits what is left between joint tables and the discriminator's steps.
func (s *Plan) shareJoint(joint float64) {
	bought := s.of(JointTables)
	tables := joint - s.Discriminator
	switch {
	case s.Pure():
		tables = 0
	case s.Open:
		tables = warmShare * joint
	}
	const rounding = 1e-9 // of shares that were given to add up to 1
	if tables > rounding {
		bought.Count, bought.Share = len(s.Joint)+len(s.Candidates)+len(s.Unmapped), tables
	}
	if bought.Count == 0 {
		bought.Share = 0
	}
	if s.Discriminator = joint - bought.Share; s.Releases.Steps == 0 {
		s.Discriminator = 0
	}
	if !s.Pure() {
		s.Open, s.Marginals = false, 0
		for _, r := range s.Releases.Counts {
			s.Marginals += r.Share
		}
	}
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
