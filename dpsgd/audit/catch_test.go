package audit

import (
	"context"
	"testing"
)

// Each check by itself fails on the bug that it was made for, and passes without a bug
// and with one that only others see. Keys are drawn afresh: a false alarm in 10⁶ runs.
func TestChecksCatchTheirBugs(t *testing.T) {
	for name, c := range map[string]struct {
		run     func(context.Context, *auditor) (Result, error)
		caught  []Bug
		ignored []Bug
	}{
		"sensitivity":  {sensitivity, []Bug{NoClip}, []Bug{QuarterNoise}},
		"every record": {everyRecord, []Bug{ClipPerLayer}, []Bug{SameKey}},
		"crowds":       {crowds, []Bug{Float32Sums}, nil},
		"fake half":    {fakeHalf, []Bug{FakesFollowBatch}, []Bug{OffGrid}},
		"budget":       {budget, []Bug{StepAfterBudget}, []Bug{NoClip}},
		"metadata":     {metadata, []Bug{TimedLedger}, []Bug{NoClip}},
		"keys":         {keys, []Bug{SameKey}, nil},
		"grid":         {grid, []Bug{OffGrid}, []Bug{Shuffle}},
		"noise":        {noise, []Bug{QuarterNoise, RepeatedNoise}, []Bug{Shuffle}},
		"sampling":     {sampling, []Bug{Replacement, Shuffle, RealisedBatchDivisor}, []Bug{QuarterNoise}},
	} {
		t.Run(name, func(t *testing.T) {
			for bug, pass := range verdicts(c.caught, append(c.ignored, NoBug)) {
				if r, err := c.run(context.Background(), testAuditor(t, Planted{bug}, selfTestConfig())); err != nil || r.Passed != pass {
					t.Errorf("%s: passed=%v: %s (%v)", bug, r.Passed, r.Detail, err)
				}
			}
		})
	}
}

// The same of the checks of counts.
func TestCountChecksCatchTheirBugs(t *testing.T) {
	for name, c := range map[string]struct {
		run     func(context.Context, *countAuditor) (Result, error)
		caught  []Bug
		ignored []Bug
	}{
		"counts":      {countSensitivity, []Bug{GuessOfRows}, []Bug{QuarterCountNoise}},
		"charge":      {charge, []Bug{UnpaidCounts}, []Bug{SameTableNoise}},
		"count keys":  {countKeys, []Bug{SameTableNoise}, nil},
		"count noise": {countNoise, []Bug{SilentLargeTables, QuarterCountNoise, RealCountNoise}, []Bug{UnpaidCounts}},
	} {
		t.Run(name, func(t *testing.T) {
			for bug, pass := range verdicts(c.caught, append(c.ignored, NoCountBug)) {
				config := selfTestCounts()
				a := &countAuditor{auditor: *testAuditor(t, nil, Config{Delta: config.Delta, Effort: config.Effort, Seed: config.Seed}), releases: config.Releases, mechanism: PlantedCounts{bug}}
				if r, err := c.run(context.Background(), a); err != nil || r.Passed != pass {
					t.Errorf("%s: passed=%v: %s (%v)", bug, r.Passed, r.Detail, err)
				}
			}
		})
	}
}

// late is paid, but only after it has counted.
type late struct{ PlantedCounts }

func (l late) Release(c Counts) (Counted, error) {
	counted, err := l.PlantedCounts.Release(c)
	counted.Before = false
	return counted, err
}

func TestChargesComeFirst(t *testing.T) {
	config := selfTestCounts()
	a := &countAuditor{auditor: *testAuditor(t, nil, Config{Delta: config.Delta, Seed: config.Seed}), releases: config.Releases, mechanism: late{}}
	if r, err := charge(context.Background(), a); err != nil || r.Passed {
		t.Errorf("counted before it was charged: passed: %s (%v)", r.Detail, err)
	}
}

// verdicts says of each bug whether a check passes it.
func verdicts(caught, ignored []Bug) map[Bug]bool {
	pass := map[Bug]bool{}
	for _, bug := range caught {
		pass[bug] = false
	}
	for _, bug := range ignored {
		pass[bug] = true
	}
	return pass
}
