package dpsgd

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// The noise of a step is that of no key that anybody knows, and no two openings of
// the same rows share one, also where keys come from a seed.
func TestNoiseIsUnderAFreshKey(t *testing.T) {
	for _, entropy := range []*Entropy{SecureEntropy(), InsecureEntropy(3)} {
		a := newAffine(t, []uint32{0}, 4, 4, fillWith(0))
		a.gate.entropy = entropy
		first, second := a.run(t, a.step(t, 1e-12, 1, 1)), a.run(t, a.step(t, 1e-12, 1, 1))
		known := device.RoundedNoise(&[8]uint32{}, 0, 1, 0, 1<<device.SumBits)
		for i := range first {
			if first[i] == 0 || math.Abs(first[i]-second[i]) < 1e-6 && math.Abs(first[i]) > 1e-5 {
				t.Errorf("insecure %v: element %d has the noise %g twice", entropy.Insecure(), i, first[i])
			}
			if math.Abs(first[i]-math.Ldexp(known[i], -device.SumBits)) < 1e-5 {
				t.Errorf("insecure %v: element %d has the noise of the key zero", entropy.Insecure(), i)
			}
		}
	}
}

// What a step costs is what it does: its noise, its sample rate, and as many times.
func TestStepEventIsTheStep(t *testing.T) {
	c := StepConfig{BatchSize: 30, SampleRate: 0.1, MaxGradNorm: 2, NoiseMultiplier: 1.5, PhysicalBatch: 64}
	if e := c.Event(7); e.Count != 7 || e.SampleRate != 0.1 || e.NoiseMultiplier != 1.5 || e.Mechanism != "poisson_gaussian" {
		t.Errorf("%+v is charged as %+v", c, e)
	}
}

// A run's ledger that was opened again still counts towards the run's target.
func TestABudgetRemembersItsLedger(t *testing.T) {
	config, ledger := DefaultConfig(), filepath.Join(t.TempDir(), "ledger.jsonl")
	config.Accountant = "rdp"
	b := openTestBudget(t, config, "run", ledger)
	if err := b.Charge(StepConfig{SampleRate: 0.01, NoiseMultiplier: 1}.Event(400)); err != nil {
		t.Fatal(err)
	}
	spent, err := b.Epsilon()
	if err != nil || spent <= 0 {
		t.Fatal(spent, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = openTestBudget(t, config, "run", ledger)
	defer b.Close() //nolint:errcheck // nothing was written
	if again, err := b.Epsilon(); err != nil || again != spent {
		t.Errorf("ε %g when opened again, %g before: %v", again, spent, err)
	}
}
