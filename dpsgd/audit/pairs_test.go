package audit

import (
	"context"
	"testing"

	"github.com/dpgan/dpgan/cpu"
)

// The step of a second-order discriminator passes all that it is asked.
func TestPairsAreAudited(t *testing.T) {
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	seed := uint64(5)
	config := Config{SampleRate: 0.5, NoiseMultiplier: 1.5, MaxGradNorm: 1, Delta: 1e-5, Steps: 20, Accountant: "pld", Effort: QuickEffort(), Seed: &seed}
	report, err := RunPairs(context.Background(), PairsMechanism{DeviceMechanism{dev}}, config)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Passed() {
		t.Errorf("%s", report)
	}
}
