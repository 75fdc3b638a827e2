package audit

import "context"

// Trial is the audit of the plain mechanism with one planted bug.
type Trial struct {
	Bug Bug `json:"bug"`
	// CaughtBy names the checks that failed.
	CaughtBy []string `json:"caught_by"`
	// Passed is set if a bug was caught, and if the mechanism without bug was not.
	Passed bool `json:"passed"`
}

// selfTestConfig is where bugs are planted: fixed, so that the self-test tests
// the checks and not the user's configuration, and seeded, so that it cannot
// fail by chance.
func selfTestConfig() Config {
	seed := uint64(1)
	return Config{SampleRate: 0.1, NoiseMultiplier: 2, MaxGradNorm: 2, Delta: 1e-5, Steps: 100, Accountant: "rdp",
		Effort: QuickEffort(), Seed: &seed}
}

// SelfTest audits the plain mechanism without a bug and with each. It takes
// seconds. observe, if not nil, is told of each bug before its trial.
func SelfTest(ctx context.Context, observe func(Bug)) ([]Trial, error) {
	var trials []Trial
	for _, bug := range append([]Bug{NoBug}, Bugs()...) {
		if observe != nil {
			observe(bug)
		}
		report, err := Run(ctx, Planted{bug}, selfTestConfig())
		if err != nil {
			return trials, err
		}
		trial := Trial{Bug: bug, CaughtBy: []string{}}
		for _, c := range report.Checks {
			if !c.Passed {
				trial.CaughtBy = append(trial.CaughtBy, c.Name)
			}
		}
		trial.Passed = (len(trial.CaughtBy) > 0) == (bug != NoBug)
		trials = append(trials, trial)
	}
	return trials, nil
}
