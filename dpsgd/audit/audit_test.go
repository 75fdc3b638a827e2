package audit

import (
	"context"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
)

func testAuditor(t *testing.T, m Mechanism, config Config) *auditor {
	t.Helper()
	a, err := newAuditor(m, config)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The step that training uses passes every check, also where every record is
// taken, where hardly any is, and where the norm is not 1.
func TestDeviceStepPasses(t *testing.T) {
	seed := uint64(7)
	base := Config{SampleRate: 0.05, NoiseMultiplier: 1, MaxGradNorm: 1, Delta: 1e-5, Steps: 100, Accountant: "rdp",
		Effort: quickEffort(), Seed: &seed}
	for name, alter := range map[string]func(*Config){
		"usual":      func(*Config) {},
		"unsampled":  func(c *Config) { c.SampleRate, c.NoiseMultiplier = 1, 10 },
		"rare":       func(c *Config) { c.SampleRate, c.NoiseMultiplier = 1e-4, 0.5 },
		"short norm": func(c *Config) { c.MaxGradNorm = 0.01 },
		"long norm":  func(c *Config) { c.MaxGradNorm, c.NoiseMultiplier = 50, 30 },
	} {
		t.Run(name, func(t *testing.T) {
			config := base
			alter(&config)
			dev := cpu.New(1)
			defer dev.Close()
			report, err := Run(context.Background(), DeviceMechanism{dev}, config)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range report.Checks {
				if !c.Passed {
					t.Errorf("%s: %s", c.Name, c.Detail)
				}
			}
			t.Logf("\n%s", report)
		})
	}
}

// Each planted bug is caught by the check that was made for it, and the plain
// mechanism without a bug passes.
func TestSelfTest(t *testing.T) {
	trials, err := SelfTest(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[Bug]string{
		noClip: "sensitivity", clipOfMean: "sensitivity", clipPerLayer: "every record", quarterNoise: "noise", noiseBeforeClip: "noise",
		repeatedNoise: "noise", replacement: "sampling", shuffle: "sampling", realisedBatchDivisor: "sampling",
		fakesFollowBatch: "fake half", stepAfterBudget: "budget", sameKey: "keys", offGrid: "grid",
		float32Sums: "crowds", timedLedger: "metadata",
		silentLargeTables: "count noise", quarterCountNoise: "count noise", sameTableNoise: "count keys", unpaidCounts: "charge",
		guessOfRows: "counts", realCountNoise: "count noise",
	}
	if len(trials) != len(want)+2 {
		t.Fatalf("%d trials, want one a bug and two without", len(trials))
	}
	for _, trial := range trials {
		t.Logf("%s: %v", trial.Bug, trial.CaughtBy)
		if !trial.Passed {
			t.Errorf("%s: caught by %v", trial.Bug, trial.CaughtBy)
		}
		if name, planted := want[trial.Bug]; planted && !slices.Contains(trial.CaughtBy, name) {
			t.Errorf("%s: caught by %v, not by %s", trial.Bug, trial.CaughtBy, name)
		}
	}
}
