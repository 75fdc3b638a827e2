package audit

import (
	"context"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
)

// The step of a second-order discriminator passes all that it is asked.
func TestPairsAreAudited(t *testing.T) {
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	seed := uint64(5)
	config := Config{SampleRate: 0.5, NoiseMultiplier: 1.5, MaxGradNorm: 1, Delta: 1e-5, Steps: 20, Accountant: "pld",
		Effort: quickEffort(), Seed: &seed}
	report, err := RunPairs(context.Background(), PairsMechanism{DeviceMechanism{dev}}, config)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Passed() {
		t.Errorf("%s", report)
	}
}

// twice adds every record's gradient twice, and quiet adds half of the noise.
type (
	twice struct{ device.Device }
	quiet struct{ device.Device }
)

func (d twice) PairGradients(sum device.Vector, table device.Table, pairs *device.PairTables, indices, count device.Buffer) {
	d.Device.PairGradients(sum, table, pairs, indices, count)
	d.Device.PairGradients(sum, table, pairs, indices, count)
}

func (d quiet) PrivateMean(mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
	noise.Multiplier /= 2
	d.Device.PrivateMean(mean, private, noise, maxGradNorm, privateCount)
}

// The checks of the pairs' step catch a gradient that is too long, and noise that is too
// small, on the device that does it.
func TestPairChecksCatchTheirBugs(t *testing.T) {
	host := cpu.New(1)
	defer func() { _ = host.Close() }()
	seed := uint64(6)
	config := Config{SampleRate: 0.5, NoiseMultiplier: 1.5, MaxGradNorm: 1, Delta: 1e-5, Steps: 20, Accountant: "pld",
		Effort: quickEffort(), Seed: &seed}
	for name, dev := range map[string]device.Device{"pairs, sensitivity": twice{host}, "pairs, noise": quiet{host}} {
		report, err := RunPairs(context.Background(), PairsMechanism{DeviceMechanism{dev}}, config)
		if err != nil {
			t.Fatal(err)
		}
		asked := false
		for _, c := range report.Checks {
			if c.Name == name {
				if asked = true; c.Passed {
					t.Errorf("%s passes: %s", name, c.Detail)
				}
			}
		}
		if !asked {
			t.Errorf("%s was not asked", name)
		}
	}
}
