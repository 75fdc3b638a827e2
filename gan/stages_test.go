package gan

import (
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// stagesOf plans a run on smallTable's columns.
func stagesOf(t *testing.T, privacy dpsgd.Config, rules []tabular.Rule, target, rows int) (*Stages, *dpsgd.Budget, error) {
	t.Helper()
	codec, _ := smallTable(t)
	budget, err := dpsgd.PlanBudget(privacy)
	if err != nil {
		t.Fatal(err)
	}
	training := DefaultTrainingConfig()
	training.BatchSize, training.Steps = min(100, rows), 50
	settings := Settings{Codec: codec, Rules: rules, Privacy: privacy, Training: training}
	if target >= 0 {
		settings.Target = codec.Schema().Columns[codec.Learned()[target]].Name
	}
	s, err := PlanStages(budget, &settings, rows)
	return s, budget, err
}

// Whatever the split and the target, all that a plan releases fits the target,
// and uses nearly all of it.
func TestPlannedStagesSpendTheTarget(t *testing.T) {
	for _, c := range []struct {
		epsilon, marginals, discriminator float64
		rows                              int
		mode                              string
	}{
		{0.2, 1, 0, 300, ModeMarginals},
		{10, 1, 0, 300, ModeMarginals},
		{1, 1, 0, 50_000, ModeMarginals},
		{0.3, 0.7, 0.3, 300, ModeHybrid},
		{5, 0.2, 0.8, 50_000, ModeHybrid},
		{1, 0, 0.9, 300, ModePure},
	} {
		privacy := dpsgd.DefaultConfig()
		privacy.Accountant, privacy.TargetEpsilon = "rdp", c.epsilon
		privacy.Budget = dpsgd.Shares{Marginals: &c.marginals, Discriminator: &c.discriminator}
		s, budget, err := stagesOf(t, privacy, nil, -1, c.rows)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Mode(); got != c.mode {
			t.Errorf("%+v: mode %s", c, got)
		}
		events := s.Releases.Events(s.Calibration)
		if s.Releases.Steps > 0 {
			step := dpsgd.StepConfig{SampleRate: s.Releases.SampleRate, NoiseMultiplier: s.Calibration.NoiseMultiplier}
			events = append(events, step.Event(s.Releases.Steps))
		}
		for _, event := range events {
			if err := budget.Charge(event); err != nil {
				t.Errorf("%+v: %v", c, err)
			}
		}
		if spent, err := budget.Epsilon(); err != nil || spent > c.epsilon || spent < 0.98*c.epsilon {
			t.Errorf("%+v: spent %g, %v", c, spent, err)
		}
	}
}

// Triples with the target are measured if their counts stand clear of the noise,
// else pairs; without a target there are none.
func TestTriplesNeedRowsAndATarget(t *testing.T) {
	for _, c := range []struct {
		target, rows int
		epsilon      float64
		want         [][]int
	}{
		{1, 10_000_000, 3, [][]int{{2, 0, 1}}},
		{2, 10_000_000, 3, [][]int{{1, 0, 2}}},
		{1, 300, 0.3, [][]int{{1, 0}, {2, 0}, {2, 1}}},
		{-1, 10_000_000, 3, [][]int{{1, 0}, {2, 0}, {2, 1}}},
	} {
		privacy := dpsgd.DefaultConfig()
		privacy.Accountant, privacy.TargetEpsilon = "rdp", c.epsilon
		s, _, err := stagesOf(t, privacy, nil, c.target, c.rows)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(s.Joint, c.want, slices.Equal) || s.Releases.Tables != len(c.want) {
			t.Errorf("target %d, %d rows: tables %v, want %v", c.target, c.rows, s.Joint, c.want)
		}
	}
}

// Fewer rows, or a smaller budget, never cut numbers finer.
func TestIntervalsFollowTheNoise(t *testing.T) {
	cut := func(epsilon float64, rows int) *Stages {
		privacy := dpsgd.DefaultConfig()
		privacy.Accountant, privacy.TargetEpsilon = "rdp", epsilon
		s, _, err := stagesOf(t, privacy, nil, -1, rows)
		if err != nil {
			t.Fatal(err)
		}
		if s.Intervals < coarseIntervals || s.Intervals > mostIntervals || s.Bins < leastBins {
			t.Errorf("ε=%g, %d rows: %d intervals, %d bins", epsilon, rows, s.Intervals, s.Bins)
		}
		return s
	}
	for _, rows := range []int{50, 300, 3000, 100_000} {
		for _, epsilon := range []float64{0.1, 1, 10} {
			some := cut(epsilon, rows)
			if more := cut(epsilon, 10*rows); more.Intervals < some.Intervals || more.Bins < some.Bins {
				t.Errorf("ε=%g, %d rows: ten times the rows cut more coarsely", epsilon, rows)
			}
			if more := cut(10*epsilon, rows); more.Intervals < some.Intervals || more.Bins < some.Bins {
				t.Errorf("ε=%g, %d rows: ten times the budget cuts more coarsely", epsilon, rows)
			}
		}
	}
}

// What a rule determines is not paid for.
func TestDeterminedColumnsAreNotMeasured(t *testing.T) {
	privacy := dpsgd.DefaultConfig()
	privacy.Accountant = "rdp"
	s, _, err := stagesOf(t, privacy, smallRules, -1, 300) // sex follows from age
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Measured, []int{0, 2}) || !slices.EqualFunc(s.Joint, [][]int{{2, 0}}, slices.Equal) || s.Releases.OneWay != 2 {
		t.Errorf("measured %v, tables %v, %d of one column", s.Measured, s.Joint, s.Releases.OneWay)
	}
	free, _, err := stagesOf(t, privacy, nil, -1, 300)
	if err != nil {
		t.Fatal(err)
	}
	if s.Calibration.TablesNoise >= free.Calibration.TablesNoise || math.IsNaN(s.Calibration.TablesNoise) {
		t.Errorf("fewer tables, but their noise is %g, not below %g", s.Calibration.TablesNoise, free.Calibration.TablesNoise)
	}
}
