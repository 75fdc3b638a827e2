package gan

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// stepsOnDisk is how many steps the ledger of a run counts as spent.
func stepsOnDisk(t *testing.T, s *Settings) (steps int) {
	t.Helper()
	records, _, err := accounting.ReadLedger(filepath.Join(s.Directory, "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	events, err := accounting.SpentOf(records)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Mechanism == accounting.PoissonGaussian {
			steps += e.Count
		}
	}
	return steps
}

// paidEngine looks into the ledger before each step.
type paidEngine struct {
	Engine
	before func()
}

func (e *paidEngine) DiscriminatorStep(learningRate float64) error {
	e.before()
	return e.Engine.DiscriminatorStep(learningRate)
}

// Each step stands in the ledger before it is taken, and in the end the ledger and
// the statement hold the steps that were taken, at the rate and the noise that they had.
func TestStepsArePaidBeforeTheyAreTaken(t *testing.T) {
	codec, columns := smallTable(t)
	s, taken := smallSettings(t, codec, 21), 0
	s.Engine = func(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error) {
		if b.Step.SampleRate != 30./300 || b.Step.BatchSize != 30 {
			t.Errorf("steps of %g rows, each with probability %g, of 300", b.Step.BatchSize, b.Step.SampleRate)
		}
		e, err := NewDeviceEngine(dev, gate, b)
		return &paidEngine{Engine: e, before: func() {
			if taken++; stepsOnDisk(t, &s) < taken {
				t.Errorf("step %d is taken, and %d are paid", taken, stepsOnDisk(t, &s))
			}
		}}, err
	}
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	if paid := stepsOnDisk(t, &s); taken != 12 || paid != taken {
		t.Errorf("%d steps were taken, and %d are paid", taken, paid)
	}
	statement := result.Model.Privacy()
	events := map[accounting.Mechanism]int{}
	for _, e := range statement.Events {
		events[e.Mechanism] += e.Count
		if e.Mechanism == accounting.PoissonGaussian && (e.SampleRate != 0.1 || e.NoiseMultiplier != statement.NoiseMultiplier) {
			t.Errorf("steps stated as %+v", e)
		}
	}
	if len(events) != 2 || events[accounting.PoissonGaussian] != 12 || statement.Steps != 12 {
		t.Errorf("stated releases: %v", events)
	}
}
