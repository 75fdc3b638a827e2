package gan

import (
	"fmt"
	"math"
	"slices"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Stages is what a run will release, settled before it looks at a row: it
// follows from the schema, the configuration, the number of rows and what is
// left of the budget.
type Stages struct {
	dpsgd.Split
	Releases    dpsgd.Releases
	Calibration dpsgd.Calibration
	// Measured are the columns that get tables; the others follow from them by a rule.
	Measured []int
	// Differences are the columns that are measured as the distance from another.
	Differences []tabular.Difference
	// Unmapped are the dependencies whose map is read from a table of their own.
	Unmapped []tabular.Dependency
	// Detect is set if dependencies are looked for in the joint tables.
	Detect bool
	target int
	// Cut are those numbers among them that get a fine table first, to be cut by, and
	// Spiky those that get a table of all values too.
	Cut, Spiky []int
	// Joint lists the columns of each joint table; in triples the target is last.
	Joint [][]int
	// Bins is about the most bins of a number's fine table.
	Bins int
	// Intervals is the most that a number is cut into, spikes aside.
	Intervals int
}

// PlanStages settles the stages of a run with settings, of which it needs Codec,
// Target, Rules, Privacy and Training, on rows rows, and calibrates them.
func PlanStages(budget *dpsgd.Budget, settings *Settings, rows int) (*Stages, error) {
	codec, privacy := settings.Codec, &settings.Privacy
	split := privacy.Budget.Split()
	training := settings.Training.Settled(split, rows)
	s := &Stages{Split: split, Releases: dpsgd.Releases{OneWay: len(codec.Learned()), SampleRate: float64(training.BatchSize) / float64(rows)}}
	rules, err := codec.CompileRules(settings.Rules)
	if err != nil {
		return nil, err
	}
	if err := settings.Mappable(rules); err != nil {
		return nil, err
	}
	whole, err := budget.Whole()
	if err != nil {
		return nil, err
	}
	if s.Discriminator > 0 {
		s.Releases.Steps = training.Steps
	}
	if s.Pure() {
		s.Releases.OneWayShare = 1 - s.Discriminator
	} else {
		s.Differences = rules.Differences()
		learned := codec.WithDifferences(s.Differences)
		s.measure(learned, rules)
		s.Unmapped = rules.Unmapped()
		s.Detect, s.target = training.DetectDependencies, settings.target()
		s.planTables(learned, settings.target(), whole, float64(rows))
		s.planCuts(learned, whole, float64(rows))
	}
	s.Calibration, err = budget.Calibrate(*privacy, s.Releases)
	return s, err
}

const (
	// The 1-way tables' part of the marginals' budget: what brings their noise down
	// to singleNoise of the rows, but within these bounds. A small table loses more
	// by blurred columns than it gains by pairs.
	leastSingles, mostSingles = 0.12, 0.5
	singleNoise               = 0.004
	// clearBins is how far above its noise, in standard deviations, the mean bin of a
	// number lies; leastBins is what it has at least.
	clearBins, leastBins = 2, 16
	// mostIntervals is the most that a number is cut into; fineIntervals is what
	// triples must leave it, coarseIntervals what pairs must.
	mostIntervals, fineIntervals, coarseIntervals = 32, 16, 4
	// resolved is how far above its noise, in standard deviations, the mean count
	// of a joint table must lie.
	resolved = 0.75
)

// planTables chooses triples with the target if their counts stand clear of the
// noise, else pairs, and cuts numbers more coarsely until those do.
func (s *Stages) planTables(codec *tabular.Codec, target int, whole, rows float64) {
	r := &s.Releases
	r.OneWay = len(s.Measured)
	needed := whole * whole * float64(r.OneWay+len(s.Spiky)) / (singleNoise * rows * singleNoise * rows)
	r.OneWayShare = math.Max(leastSingles*s.Marginals, math.Min(needed, mostSingles*s.Marginals))
	r.TablesShare = s.Marginals - r.OneWayShare
	r.Tables = len(s.Unmapped)
	if len(s.Measured) < 2 {
		s.Intervals = mostIntervals
		if r.Tables == 0 {
			r.OneWayShare, r.TablesShare = s.Marginals, 0
		}
		return
	}
	clear := func(tables [][]int, intervals int) bool {
		cells := 0.0
		for _, table := range tables {
			size := 1.0
			for _, j := range table {
				size *= cellsOf(codec, j, intervals)
			}
			cells += size
		}
		n := float64(len(tables))
		return rows*n/cells >= resolved*whole*math.Sqrt((n+float64(len(s.Unmapped)))/r.TablesShare)
	}
	choose := func(tables [][]int, least int) bool {
		s.Joint = tables
		for s.Intervals = mostIntervals; s.Intervals > least; s.Intervals = max(s.Intervals*3/4, least) {
			if clear(tables, s.Intervals) {
				return true
			}
		}
		return clear(tables, s.Intervals)
	}
	triples := triplesOf(s.Measured, target)
	if len(triples) == 0 || !choose(triples, fineIntervals) {
		choose(pairsOf(s.Measured), coarseIntervals)
	}
	r.Tables += len(s.Joint)
}

// measure lists the columns that need tables.
func (s *Stages) measure(codec *tabular.Codec, rules *tabular.Rules) {
	follows := determined(rules)
	for j := range codec.Learned() {
		if _, known := follows[j]; !known {
			s.Measured = append(s.Measured, j)
		}
	}
	for _, j := range spiky(codec) {
		if slices.Contains(s.Measured, j) {
			s.Spiky = append(s.Spiky, j)
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

// The modes of a run.
const (
	ModePure      = "pure"
	ModeMarginals = "marginals"
	ModeHybrid    = "hybrid"
)

// Mode names the stages: pure trains a generator against a discriminator,
// marginals fits noisy tables, hybrid fits tables and then trains a
// discriminator that reweighs the samples.
func (s *Stages) Mode() string {
	switch {
	case s.Pure():
		return ModePure
	case s.Releases.Steps == 0:
		return ModeMarginals
	}
	return ModeHybrid
}

// Notes are, in words, what rules change in what is measured.
func (s *Stages) Notes(codec *tabular.Codec) []string {
	schema, learned := codec.Schema(), codec.Learned()
	name := func(j int) string { return schema.Columns[learned[j]].Name }
	var notes []string
	for _, d := range s.Differences {
		notes = append(notes, fmt.Sprintf("%s is learned as its distance from %s", name(d.Target), name(d.Base)))
	}
	for _, d := range s.Unmapped {
		notes = append(notes, fmt.Sprintf("%s determines %s: the map is read from a noisy table of both, one of the joint tables", name(d.Source), name(d.Target)))
	}
	return notes
}

// Parameters is about the number of parameters of the discriminator.
func (s *Stages) Parameters(codec *tabular.Codec, model ModelConfig) int {
	if s.Pure() {
		return Parameters(codec, model)
	}
	width := 0.0
	for j := range codec.Learned() {
		width += cellsOf(codec, j, s.Intervals)
	}
	shape := newDiscriminatorShape(model.Discriminator, &device.Layout{Width: int(width)})
	return shape.parameters.size
}
