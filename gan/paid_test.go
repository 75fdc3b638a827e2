package gan

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// spentOnDisk is what the ledger of a run counts as spent.
func spentOnDisk(t *testing.T, s *Settings) []accounting.Event {
	t.Helper()
	records, _, err := accounting.ReadLedger(filepath.Join(s.Directory, "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	events, err := accounting.SpentOf(records)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// stepsOnDisk is how many steps the ledger of a run counts as spent.
func stepsOnDisk(t *testing.T, s *Settings) (steps int) {
	t.Helper()
	for _, e := range spentOnDisk(t, s) {
		if e.Mechanism == accounting.PoissonGaussian {
			steps += e.Count
		}
	}
	return steps
}

// Each step stands in the ledger before it is taken, and in the end the ledger and
// the statement hold the steps that were taken, at the rate and the noise that they had.
func TestStepsArePaidBeforeTheyAreTaken(t *testing.T) {
	for mode, kind := range map[string]string{marginal.ModePure: nets.KindSecondOrder, marginal.ModeGAN: nets.KindMLP} {
		t.Run(mode, func(t *testing.T) {
			s, columns := quickSettings(t, mode, 21)
			s.Model.Discriminator.Kind = kind
			taken := 0
			made := watch{before: func(did string, _ int) error {
				if did == generatorStep {
					return nil
				}
				if taken++; stepsOnDisk(t, &s) < taken {
					t.Errorf("step %d is taken, and %d are paid", taken, stepsOnDisk(t, &s))
				}
				return nil
			}}.maker()
			s.Engine = func(dev device.Device, gate *dpsgd.Gate, b nets.EngineConfig) (nets.Engine, error) {
				if b.Step.SampleRate != 30./300 || b.Step.BatchSize != 30 {
					t.Errorf("steps of %g rows, each with probability %g, of 300", b.Step.BatchSize, b.Step.SampleRate)
				}
				return made(dev, gate, b)
			}
			result := mustTrain(t, s, columns)
			if paid := stepsOnDisk(t, &s); taken != 12 || paid != taken {
				t.Errorf("%d steps were taken, and %d are paid", taken, paid)
			}
			statement, steps := result.Model.Privacy(), 0
			for _, e := range statement.Events {
				if e.Mechanism != accounting.PoissonGaussian {
					continue
				}
				if steps += e.Count; e.SampleRate != 0.1 || e.NoiseMultiplier != statement.NoiseMultiplier {
					t.Errorf("steps stated as %+v", e)
				}
			}
			if steps != 12 || statement.Steps != 12 {
				t.Errorf("%d steps are stated as events, %d in all", steps, statement.Steps)
			}
		})
	}
}

// What a mode releases is what it says: pure nothing but single columns and steps, and,
// of a wide table, the scores by which pairs are chosen; marginals tables alone.
func TestModesReleaseWhatTheySay(t *testing.T) {
	small, rows := tabulartest.Small(t)
	wide, wideRows := tabulartest.Wide(t, 60)
	oneWay, cuts, joint := marginal.OneWay.Purpose, marginal.Cuts.Purpose, marginal.JointTables.Purpose
	scores, target := marginal.Scores.Purpose, marginal.TargetTables.Purpose
	steps := dpsgd.StepConfig{}.Event(1).Purpose
	for _, c := range []struct {
		mode  string
		small bool
		want  []string
	}{
		{marginal.ModePure, true, []string{cuts, oneWay, steps}},
		{marginal.ModeGAN, true, []string{cuts, oneWay, joint, steps}},
		{marginal.ModeMarginals, true, []string{cuts, oneWay, joint}},
		{marginal.ModePure, false, []string{oneWay, scores, steps}},
		{marginal.ModeGAN, false, []string{oneWay, target, scores, joint, steps}},
		{marginal.ModeMarginals, false, []string{oneWay, target, scores, joint}},
	} {
		codec, columns := small, rows
		if !c.small {
			codec, columns = wide, wideRows
		}
		s := smallSettings(t, codec, 22)
		s.Privacy.Budget, s.Privacy.NoiseMultiplier = modes[c.mode], new(20.0)
		if !c.small {
			s.Target = "target"
		}
		var got []string
		for _, e := range mustTrain(t, s, columns).Model.Privacy().Events {
			got = append(got, e.Purpose)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s, small %v: releases %q, want %q", c.mode, c.small, got, c.want)
		}
	}
}

func epsilonWithOneMore(t *testing.T, s model.Statement, step dpsgd.StepConfig) float64 {
	t.Helper()
	events := []accounting.Event{step.Event(1)}
	for _, e := range s.Events {
		events = append(events, e.Event)
	}
	epsilon, err := accounting.Accountant(s.Accountant).Epsilon(events, s.Delta)
	if err != nil {
		t.Fatal(err)
	}
	return epsilon
}
