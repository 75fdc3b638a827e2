package audit

import "context"

// Trial is the audit of a plain mechanism with one planted bug.
type Trial struct {
	Bug Bug `json:"bug"`
	// CaughtBy names the checks that failed.
	CaughtBy []string `json:"caught_by"`
	// Passed is set if a bug was caught, and if a mechanism without bug was not.
	Passed bool `json:"passed"`
}

// selfTestConfig is where bugs are planted: fixed, so that the self-test tests
// the checks and not the user's configuration, and seeded, so that it cannot
// fail by chance.
func selfTestConfig() Config {
	seed := uint64(1)
	return Config{SampleRate: 0.1, NoiseMultiplier: 2, MaxGradNorm: 2, Delta: 1e-5, Steps: 100, Accountant: "rdp",
		Effort: quickEffort(), Seed: &seed}
}

// selfTestCounts is the same for counts.
func selfTestCounts() CountsConfig {
	seed := uint64(1)
	return CountsConfig{Delta: 1e-5, Effort: quickEffort(), Seed: &seed, Releases: []CountRelease{
		{Name: "1-way tables", Count: 10, NoiseMultiplier: 12}, {Name: "scores", Count: 20, NoiseMultiplier: 40, Scores: true},
		{Name: "joint tables", Count: 20, NoiseMultiplier: 9, Chosen: true}}}
}

// SelfTest audits the plain mechanisms without a bug and with each. It takes
// seconds. observe, if not nil, is told of each bug before its trial.
func SelfTest(ctx context.Context, observe func(Bug)) ([]Trial, error) {
	var trials []Trial
	plant := func(bug Bug, run func() (*Report, error)) error {
		if observe != nil {
			observe(bug)
		}
		report, err := run()
		if err != nil {
			return err
		}
		trial := Trial{Bug: bug, CaughtBy: []string{}}
		for _, c := range report.Checks {
			if !c.Passed {
				trial.CaughtBy = append(trial.CaughtBy, c.Name)
			}
		}
		trial.Passed = (len(trial.CaughtBy) > 0) == (bug != noBug && bug != noCountBug)
		trials = append(trials, trial)
		return nil
	}
	for _, bug := range append([]Bug{noBug}, stepBugs()...) {
		if err := plant(bug, func() (*Report, error) { return Run(ctx, planted{bug}, selfTestConfig()) }); err != nil {
			return trials, err
		}
	}
	for _, bug := range append([]Bug{noCountBug}, countBugs()...) {
		if err := plant(bug, func() (*Report, error) { return RunCounts(ctx, plantedCounts{bug}, selfTestCounts()) }); err != nil {
			return trials, err
		}
	}
	return trials, nil
}
