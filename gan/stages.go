package gan

import (
	"fmt"
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
	target int // -1 for none, or one that is not measured
	// Cut are those numbers among them that get a fine table first, to be cut by, and
	// Spiky those that get a table of all values too.
	Cut, Spiky []int
	// Joint lists the columns of each joint table; in triples the target is last. Where
	// rows are too few for tables of all, it is empty: TargetTables pair each column with
	// the target, and of Candidates those get a table that are worth its noise.
	Joint, TargetTables, Candidates [][]int
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
		if !slices.Contains(s.Measured, s.target) {
			s.target = -1
		}
		s.planTables(learned, whole, float64(rows))
		s.planCuts(learned, whole, float64(rows))
	}
	s.Calibration, err = budget.Calibrate(*privacy, s.Releases)
	return s, err
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
