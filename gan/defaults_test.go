package gan

import (
	"context"
	"errors"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

func TestAutoStepsAndBatch(t *testing.T) {
	for _, c := range []struct {
		kind         string
		given        TrainingConfig
		rows         int
		batch, steps int
	}{
		{nets.KindSecondOrder, TrainingConfig{}, 32_561, 16_280, pairsSteps},
		{nets.KindMLP, TrainingConfig{}, 300, 150, mlpSteps},
		{nets.KindSecondOrder, TrainingConfig{}, 3, 1, pairsSteps},
		{nets.KindSecondOrder, TrainingConfig{}, 1, 1, pairsSteps},
		{nets.KindSecondOrder, TrainingConfig{}, 10_000_000, mostBatch, pairsSteps},
		{nets.KindSecondOrder, TrainingConfig{BatchSize: 77}, 300, 77, pairsSteps},
		{nets.KindMLP, TrainingConfig{Steps: 5}, 300, 150, 5},
		{nets.KindMLP, TrainingConfig{BatchSize: 3000, Steps: 9}, 4000, 3000, 9},
	} {
		if got := c.given.WithDefaults(c.kind, c.rows); got.BatchSize != c.batch || got.Steps != c.steps {
			t.Errorf("%+v: settled as %d steps of %d", c, got.Steps, got.BatchSize)
		}
	}
	for steps := range 1000 {
		pairs := PairsSteps(nets.KindMLP, steps)
		if net := steps - pairs; PairsSteps(nets.KindSecondOrder, steps) != steps || net < 0 || net > steps/3+1 || steps > 3 && net == 0 {
			t.Fatalf("of %d steps %d are the net's", steps, net)
		}
	}
}

// autoSettings leave steps and batch to the run.
func autoSettings(t *testing.T, seed uint64) (Settings, [][]uint32) {
	t.Helper()
	s, columns := quickSettings(t, marginal.ModePure, seed)
	s.Training.Steps, s.Training.BatchSize = 0, 0
	return s, columns
}

// All that a run pays for, keeps and learns by is of the steps and the batch that
// were settled: noise is calibrated for them, so with less noise they would not fit.
func TestAutoIsSettledBeforeAnythingIsPaid(t *testing.T) {
	for kind, steps := range map[string]int{nets.KindSecondOrder: pairsSteps, nets.KindMLP: mlpSteps} {
		s, columns := autoSettings(t, 31)
		s.Model.Discriminator.Kind, s.Privacy.NoiseMultiplier = kind, nil
		_, c := interrupted(t, s, columns, pairsStep, 1)
		if c.Training.Steps != steps || c.Steps != steps || c.Training.BatchSize != 150 || c.Step.BatchSize != 150 || c.Step.SampleRate != 0.5 {
			t.Errorf("%s: kept %+v, %+v", kind, c.Training, c.Step)
		}
		budget, err := dpsgd.PlanBudget(s.Privacy)
		if err != nil {
			t.Fatal(err)
		}
		s.Training = c.Training
		stages, err := PlanReleases(budget, &s, 300)
		if err != nil {
			t.Fatal(err)
		}
		if stages.Releases.Steps != steps || stages.Releases.NoiseMultiplier != c.Step.NoiseMultiplier {
			t.Errorf("%s: %d steps at noise %g planned, %d at %g run", kind, stages.Releases.Steps, stages.Releases.NoiseMultiplier, c.Steps, c.Step.NoiseMultiplier)
		}
	}
}

// The engine is told of the batch that was settled, and a net's learning rate follows
// from the number of its steps.
func TestAutoReachesTheEngine(t *testing.T) {
	s, columns := autoSettings(t, 35)
	s.Model.Discriminator.Kind, s.Privacy.NoiseMultiplier = nets.KindMLP, nil // as much noise as all steps ask for
	var first float64
	made := watch{after: func(kind string, n int, rates ...float64) {
		if kind == netStep && n == 1 {
			first = rates[0]
		}
	}}.maker()
	s.Engine = func(dev device.Device, gate *dpsgd.Gate, b nets.EngineConfig) (nets.Engine, error) {
		if b.Step.BatchSize != 150 || b.Step.SampleRate != 0.5 || b.Step.PhysicalBatch < 150 {
			t.Errorf("the engine is told of %+v", b.Step)
		}
		return made(dev, gate, b)
	}
	mustTrain(t, s, columns)
	if want := s.Training.discriminatorLearningRate(mlpSteps / 3); first != want {
		t.Errorf("learning rate %g, want %g", first, want)
	}
}

// A run that auto makes too long for its budget is refused before it has spent.
func TestAutoIsRefusedBeforeAnythingIsPaid(t *testing.T) {
	s, columns := autoSettings(t, 32)
	s.Privacy.NoiseMultiplier, s.Privacy.TargetEpsilon = new(0.3), 0.05
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, dpsgd.ErrBudget) {
		t.Errorf("a run without a step returned %v", err)
	}
	spentNothing(t, "a run without a step", s)
}

// Where the number of rows is private, the batch follows from the noisy one: with
// 260 rows, 130 is what the true number would give.
func TestAutoBatchFollowsTheNoisyRowCount(t *testing.T) {
	others := 0
	for seed := range uint64(6) {
		s, columns := autoSettings(t, seed)
		s.Privacy.NoiseMultiplier = new(30.0)
		s.Privacy.RowCount, s.Privacy.Discovery.RowCount = dpsgd.RowCountDiscovered, 0.1
		for j := range columns {
			columns[j] = columns[j][:260]
		}
		_, c := interrupted(t, s, columns, pairsStep, 1)
		if c.Training.BatchSize != c.Rows/2 || c.Step.SampleRate != float64(c.Training.BatchSize)/float64(c.Rows) {
			t.Errorf("%d noisy rows: a batch of %d at rate %g", c.Rows, c.Training.BatchSize, c.Step.SampleRate)
		}
		if c.Training.BatchSize != 130 {
			others++
		}
	}
	if others == 0 {
		t.Error("the noise never changed the batch, so nothing was tested")
	}
}

// A resumed run keeps the steps and the batch that its beginning settled, or was
// given; another batch than that is refused.
func TestResumedRunKeepsWhatWasSettled(t *testing.T) {
	s, columns := autoSettings(t, 33)
	s.Training.Steps, s.Training.BatchSize = 7, 30
	interrupted(t, s, columns, pairsStep, 1)
	s.Training.Steps, s.Training.BatchSize = 0, 0
	result := resumed(t, s, columns)
	if p := result.Model.Privacy(); result.Steps != 7 || p.Steps != 7 || p.SampleRate != 0.1 {
		t.Errorf("resumed: %d steps, stated %d at rate %g", result.Steps, p.Steps, p.SampleRate)
	}

	s, columns = autoSettings(t, 34)
	interrupted(t, s, columns, pairsStep, 1)
	s.Resume = true
	if _, c := interrupted(t, s, columns, pairsStep, 1); c.Training.Steps != pairsSteps || c.Training.BatchSize != 150 || c.PairsSteps != 2 {
		t.Errorf("resumed with auto: %d steps done of %d, batch %d", c.PairsSteps, c.Training.Steps, c.Training.BatchSize)
	}
	s.Training.BatchSize = 32
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, ErrMismatch) {
		t.Errorf("a run in batches of 150 was resumed in batches of 32: %v", err)
	}
	s.Training.BatchSize, s.Training.Steps = 150, 5
	if result := resumed(t, s, columns); result.Steps != 5 {
		t.Errorf("resumed with the numbers that auto gave: %+v", result)
	}
}
