package marginal

import (
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Plan is what a run will release, settled before it looks at a row: it
// follows from the schema, the configuration, the number of rows and what is
// left of the budget.
type Plan struct {
	dpsgd.Allocation
	// Releases are calibrated.
	Releases dpsgd.Releases
	// Measured are the columns that get tables; the others follow from them by a rule.
	Measured []int
	// Differences are the columns that are measured as the distance from another.
	Differences []tabular.Difference
	// Unmapped are the dependencies whose map is read from a table of their own.
	Unmapped []tabular.Dependency
	target   int // -1 for none, or one that is not measured
	// Cut are those numbers among them that get a fine table first, to be cut by, and
	// Spiky those that get a table of all values too.
	Cut, Spiky []int
	// Joint lists the columns of each table that the discriminator looks at; in triples
	// the target is last. Where rows are too few for all, it is empty: TargetPairs pair
	// each column with the target, and of Candidates those are added that are worth the
	// noise. They are bought as noisy tables too, if the tables' share is above 0.
	Joint, TargetPairs, Candidates [][]int
	// Bins is about the most bins of a number's fine table.
	Bins int
	// Intervals is the most that a number is cut into, spikes aside.
	Intervals int

	whole float64 // noise of the one table that the whole budget would pay for
}

// of is the release of kind.
func (s *Plan) of(kind dpsgd.Kind) *dpsgd.Release { return s.Releases.Of(kind) }

// measure lists the columns that need tables.
func (s *Plan) measure(t Table) {
	follows := t.Rules.Determined()
	for j := range t.Learned() {
		if _, known := follows[j]; !known {
			s.Measured = append(s.Measured, j)
		}
	}
	for _, j := range spiky(t.Measured()) {
		if slices.Contains(s.Measured, j) {
			s.Spiky = append(s.Spiky, j)
		}
	}
}

// The modes of a run.
const (
	ModeGAN       = "gan"
	ModePure      = "pure"
	ModeMarginals = "marginals"
)

// Mode names the stages: gan trains generator and discriminator from noisy tables on,
// pure from single columns on, and marginals fits a generator to noisy tables alone.
func (s *Plan) Mode() string {
	switch {
	case s.Releases.Steps == 0:
		return ModeMarginals
	case s.Pure():
		return ModePure
	}
	return ModeGAN
}

// Notes are, in words, what rules change in what is measured.
func (s *Plan) Notes(codec *tabular.Codec) []string {
	name := codec.Name
	var notes []string
	for _, d := range s.Differences {
		notes = append(notes, fmt.Sprintf("%s is learned as its distance from %s", name(d.Target), name(d.Base)))
	}
	for _, d := range s.Unmapped {
		notes = append(notes, fmt.Sprintf("%s determines %s: the map is read from a noisy table of both, one of the joint tables", name(d.Source), name(d.Target)))
	}
	return notes
}

// Looks is how many tables of cells the second-order discriminator looks at, if all
// candidates are worth it.
func (s *Plan) Looks() int { return len(s.Joint) + len(s.TargetPairs) + len(s.Candidates) }
