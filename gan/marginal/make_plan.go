package marginal

import (
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Table is a table to be measured.
type Table struct {
	*tabular.Domain
	Target int // the learned column that synthetic rows should help to predict, or -1
	Rows   int // public, or released with noise
}

// NewPlan plans the releases of a run on t within config, whose discriminator is to take
// steps steps on batches of batchSize rows, and calibrates them.
func NewPlan(budget *dpsgd.Budget, config *dpsgd.Config, t Table, batchSize, steps int) (*Plan, error) {
	split, rows := config.Budget.Allocate(), float64(t.Rows)
	s := &Plan{Allocation: split, Releases: dpsgd.Releases{Counts: noReleases(), SampleRate: float64(batchSize) / rows}}
	var err error
	if s.whole, err = budget.UnitSigma(); err != nil {
		return nil, err
	}
	if split.Trains() {
		s.Releases.Steps = steps
	}
	s.Differences, s.Unmapped = t.Rules.Differences(), t.Rules.Unmapped()
	s.measure(t)
	if s.target = t.Target; !slices.Contains(s.Measured, s.target) {
		s.target = -1
	}
	measured := t.Measured()
	s.planTables(measured, rows)
	s.planCuts(measured, rows)
	return s, budget.Calibrate(*config, &s.Releases)
}
