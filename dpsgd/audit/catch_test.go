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
		"sensitivity":  {sensitivity, []Bug{noClip}, []Bug{quarterNoise}},
		"every record": {everyRecord, []Bug{clipPerLayer}, []Bug{sameKey}},
		"crowds":       {crowds, []Bug{float32Sums}, nil},
		"fake half":    {fakeHalf, []Bug{fakesFollowBatch}, []Bug{offGrid}},
		"budget":       {budget, []Bug{stepAfterBudget}, []Bug{noClip}},
		"metadata":     {metadata, []Bug{timedLedger}, []Bug{noClip}},
		"keys":         {keys, []Bug{sameKey}, nil},
		"grid":         {grid, []Bug{offGrid}, []Bug{shuffle}},
		"noise":        {noise, []Bug{quarterNoise, repeatedNoise}, []Bug{shuffle}},
		"sampling":     {sampling, []Bug{replacement, shuffle, realisedBatchDivisor}, []Bug{quarterNoise}},
	} {
		t.Run(name, func(t *testing.T) {
			for bug, pass := range verdicts(c.caught, append(c.ignored, noBug)) {
				if r, err := c.run(context.Background(), testAuditor(t, planted{bug}, selfTestConfig())); err != nil || r.Passed != pass {
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
		"counts":      {countSensitivity, []Bug{guessOfRows}, []Bug{quarterCountNoise}},
		"charge":      {charge, []Bug{unpaidCounts}, []Bug{sameTableNoise}},
		"count keys":  {countKeys, []Bug{sameTableNoise}, nil},
		"count noise": {countNoise, []Bug{silentLargeTables, quarterCountNoise, realCountNoise}, []Bug{unpaidCounts}},
	} {
		t.Run(name, func(t *testing.T) {
			for bug, pass := range verdicts(c.caught, append(c.ignored, noCountBug)) {
				config := selfTestCounts()
				a := &countAuditor{auditor: *testAuditor(t, nil, Config{Delta: config.Delta, Effort: config.Effort, Seed: config.Seed}),
					releases: config.Releases, mechanism: plantedCounts{bug}}
				if r, err := c.run(context.Background(), a); err != nil || r.Passed != pass {
					t.Errorf("%s: passed=%v: %s (%v)", bug, r.Passed, r.Detail, err)
				}
			}
		})
	}
}

// late is paid, but only after it has counted.
type late struct{ plantedCounts }

func (l late) Release(c Counts) (Counted, error) {
	counted, err := l.plantedCounts.Release(c)
	counted.Before = false
	return counted, err
}

func TestChargesComeFirst(t *testing.T) {
	config := selfTestCounts()
	a := &countAuditor{auditor: *testAuditor(t, nil, Config{Delta: config.Delta, Seed: config.Seed}), releases: config.Releases,
		mechanism: late{}}
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
