package marginal

import (
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// modes are the budget's shares that make the modes of a run: of tables and of the
// discriminator.
var modes = map[string]dpsgd.Shares{
	ModePure:      {Marginals: new(0.0)},
	ModeGAN:       {Marginals: new(0.5)},
	ModeMarginals: {Marginals: new(1.0)},
}

// planned is the plan of a run on codec's columns.
func planned(t *testing.T, codec *tabular.Codec, privacy dpsgd.Config, rules []tabular.Rule, target, rows int) (*Plan, *dpsgd.Budget, error) {
	t.Helper()
	budget, err := dpsgd.PlanBudget(privacy)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewPlan(budget, &privacy, Table{tabulartest.Domain(t, codec, rules...), target, rows}, min(100, rows), 50)
	return s, budget, err
}

// privacyOf spends epsilon by shares.
func privacyOf(epsilon float64, shares dpsgd.Shares) dpsgd.Config {
	privacy := dpsgd.DefaultConfig()
	privacy.Accountant, privacy.TargetEpsilon, privacy.Budget = "rdp", epsilon, shares
	return privacy
}

// firstColumns are the first n columns of smallTable.
func firstColumns(t *testing.T, n int) *tabular.Codec {
	codec, _ := tabulartest.Small(t)
	return tabulartest.Compile(t, codec.Schema().Columns[:n])
}

// sharesOfAll are the shares of the tables of s and of its discriminator together.
func sharesOfAll(s *Plan) float64 {
	sum := s.Discriminator
	for _, r := range s.Releases.Counts {
		sum += r.Share
	}
	return sum
}

// Whatever the columns, the rules, and the split of the budget, its shares are given
// away whole, all that a plan releases fits the target and uses nearly all of it,
// tables are bought where they have a share, and there are steps where there is something
// to look at.
func TestPlannedStagesSpendTheTarget(t *testing.T) {
	tabulartest.SkipShort(t)
	open := []tabular.Rule{{Dependency: "age", Determines: "sex"}} // without a map
	wide, _ := tabulartest.Wide(t, 1)
	type shape struct {
		name    string
		codec   *tabular.Codec
		rules   []tabular.Rule
		target  int
		rows    int
		looks   bool // at more than single columns
		chooses bool
		always  bool // planned with every split, not only with those that differ most
	}
	shapes := []shape{
		{"one column", firstColumns(t, 1), nil, -1, 300, false, false, true},
		{"two columns", firstColumns(t, 2), nil, -1, 300, true, false, false},
		{"two columns, a target", firstColumns(t, 2), nil, 1, 300, true, false, false},
		{"three columns", firstColumns(t, 3), nil, -1, 300, true, false, true},
		{"triples", firstColumns(t, 3), nil, 2, 5_000_000, true, false, false},
		{"one of two follows", firstColumns(t, 2), tabulartest.SmallRules[:1], -1, 300, false, false, false},
		{"one of two follows, it is open how", firstColumns(t, 2), open, -1, 300, false, false, false},
		{"one of three follows, it is open how", firstColumns(t, 3), open, -1, 300, true, false, false},
		{"chosen, with a target", wide, nil, 10, 60, true, true, true},
		{"chosen, without one", wide, nil, -1, 60, true, true, false},
	}
	for _, c := range []struct {
		epsilon float64
		shares  dpsgd.Shares
		mode    string
		all     bool // of the shapes
	}{
		{1, dpsgd.Shares{}, ModeGAN, true},
		{3, dpsgd.Shares{Marginals: new(0.0)}, ModePure, true},
		{0.2, dpsgd.Shares{Marginals: new(1.0)}, ModeMarginals, true},
		{10, dpsgd.Shares{Marginals: new(1.0), Discriminator: new(0.0)}, ModeMarginals, false},
		{1, dpsgd.Shares{Marginals: new(0.7)}, ModeGAN, false},
		{0.3, dpsgd.Shares{Discriminator: new(0.98)}, ModeGAN, false},
		{1, dpsgd.Shares{Marginals: new(0.0), Discriminator: new(0.6)}, ModePure, false},
	} {
		for _, shape := range shapes {
			split := c.shares.Allocate()
			if refused := split.Pure() && len(shape.rules) > 0 && len(shape.rules[0].Map) == 0; refused || !c.all && !shape.always {
				continue
			}
			s, budget, err := planned(t, shape.codec, privacyOf(c.epsilon, c.shares), shape.rules, shape.target, shape.rows)
			name := shape.name + ", " + c.mode
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			mode := c.mode
			if !shape.looks {
				mode = ModeMarginals // a discriminator would see nothing
			}
			if got := s.Mode(); got != mode || (s.Looks() > 0) != shape.looks || (len(s.Candidates) > 0) != shape.chooses {
				t.Errorf("%s: mode %s, %d tables to look at, of which %d are candidates", name, got, s.Looks(), len(s.Candidates))
			}
			r := &s.Releases
			if sum := sharesOfAll(s); math.Abs(sum-1) > 1e-6 {
				t.Errorf("%s: shares %+v and %g of the discriminator are %g together", name, r, s.Discriminator, sum)
			}
			if joint := s.of(JointTables); (joint.Count > 0) != (joint.Share > 0) || (r.Steps > 0) != (s.Discriminator > 0) || split.Pure() && joint.Count > 0 || joint.Share < 0 {
				t.Errorf("%s: %+v and %g of the discriminator", name, r, s.Discriminator)
			}
			spendAll(t, name, s, budget, c.epsilon)
		}
	}
}

// spendAll charges what s releases, which must fit epsilon and use nearly all of it.
func spendAll(t *testing.T, name string, s *Plan, budget *dpsgd.Budget, epsilon float64) {
	t.Helper()
	events := s.Releases.Events()
	if s.Releases.Steps > 0 {
		step := dpsgd.StepConfig{SampleRate: s.Releases.SampleRate, NoiseMultiplier: s.Releases.NoiseMultiplier}
		events = append(events, step.Event(s.Releases.Steps))
	}
	for _, event := range events {
		if err := budget.Charge(event); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if spent, err := budget.Epsilon(); err != nil || spent > epsilon || spent < 0.98*epsilon {
		t.Errorf("%s: spent %g of %g, %v", name, spent, epsilon, err)
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
		s, _, err := planned(t, firstColumns(t, 3), privacyOf(c.epsilon, modes[ModeMarginals]), nil, c.target, c.rows)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(s.Joint, c.want, slices.Equal) || s.of(JointTables).Count != len(c.want) {
			t.Errorf("target %d, %d rows: tables %v, want %v", c.target, c.rows, s.Joint, c.want)
		}
	}
}

// Fewer rows, or a smaller budget, never cut numbers finer.
func TestIntervalsFollowTheNoise(t *testing.T) {
	cut := func(epsilon float64, rows int) *Plan {
		s, _, err := planned(t, firstColumns(t, 3), privacyOf(epsilon, modes[ModeMarginals]), nil, -1, rows)
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
	privacy := privacyOf(3, modes[ModeMarginals])
	s, _, err := planned(t, firstColumns(t, 3), privacy, tabulartest.SmallRules, -1, 300) // sex follows from age
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Measured, []int{0, 2}) || !slices.EqualFunc(s.Joint, [][]int{{2, 0}}, slices.Equal) || s.of(OneWay).Count != 2 {
		t.Errorf("measured %v, tables %v, %d of one column", s.Measured, s.Joint, s.of(OneWay).Count)
	}
	free, _, err := planned(t, firstColumns(t, 3), privacy, nil, -1, 300)
	if err != nil {
		t.Fatal(err)
	}
	if fewer, all := s.of(JointTables).Noise, free.of(JointTables).Noise; fewer >= all || math.IsNaN(fewer) {
		t.Errorf("fewer tables, but their noise is %g, not below %g", fewer, all)
	}
}
