package gan

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
)

func TestAutoStepsAndBatch(t *testing.T) {
	pure, hybrid := dpsgd.Split{Discriminator: 0.9}, dpsgd.Split{Marginals: 0.7, Discriminator: 0.3}
	for _, c := range []struct {
		split        dpsgd.Split
		given        TrainingConfig
		rows         int
		batch, steps int
	}{
		{pure, TrainingConfig{}, 32_561, 1024, 2000},
		{hybrid, TrainingConfig{}, 32_561, 1024, 1000},
		{hybrid, TrainingConfig{}, 4096, 1024, 1000},
		{hybrid, TrainingConfig{}, 4095, 512, 1000},
		{pure, TrainingConfig{}, 300, 64, 2000},
		{pure, TrainingConfig{}, 127, 16, 2000},
		{pure, TrainingConfig{}, 16, 16, 2000},
		{pure, TrainingConfig{}, 15, 8, 2000},
		{pure, TrainingConfig{}, 1, 1, 2000},
		{pure, TrainingConfig{BatchSize: 77}, 300, 77, 2000},
		{pure, TrainingConfig{Steps: 5}, 300, 64, 5},
		{hybrid, TrainingConfig{BatchSize: 3000, Steps: 9}, 4000, 3000, 9},
	} {
		if got := c.given.Settled(c.split, c.rows); got.BatchSize != c.batch || got.Steps != c.steps {
			t.Errorf("%+v: settled as %d steps of %d", c, got.Steps, got.BatchSize)
		}
	}
	for rows, before := 1, 0; rows < 10_000; rows++ {
		batch := autoBatch(rows)
		if batch < before || batch > rows || batch&(batch-1) != 0 || rows >= 64 && 4*batch > rows || rows >= 8192 && batch != mostBatch {
			t.Fatalf("%d rows: batch of %d after %d", rows, batch, before)
		}
		before = batch
	}
}

// ratedEngine keeps the learning rate of its last step.
type ratedEngine struct {
	Engine
	rate *float64
}

func (e *ratedEngine) DiscriminatorStep(learningRate float64) error {
	*e.rate = learningRate
	return e.Engine.DiscriminatorStep(learningRate)
}

// interruptedRun trains s until the first step is reported, and returns what was kept.
func interruptedRun(t *testing.T, s Settings, columns [][]uint32) *checkpoint {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.Observe = func(p Progress) {
		if p.Stage == "discriminator" {
			cancel()
		}
	}
	if _, err := train(t, ctx, s, columns); !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted run returned %v", err)
	}
	c, err := loadCheckpoint(s.Directory)
	if err != nil || c == nil {
		t.Fatalf("checkpoint %+v, %v", c, err)
	}
	return c
}

// autoSettings leave steps and batch to the run.
func autoSettings(t *testing.T, seed uint64) (Settings, [][]uint32) {
	t.Helper()
	codec, columns := smallTable(t)
	s := smallSettings(t, codec, seed)
	s.Training.Steps, s.Training.BatchSize = 0, 0
	return s, columns
}

// All that a run pays for, keeps and learns by is of the steps and the batch that
// were settled: noise is calibrated for them, so with less noise they would not fit.
func TestAutoIsSettledBeforeAnythingIsPaid(t *testing.T) {
	for _, marginals := range []float64{0, 0.7} {
		s, columns := autoSettings(t, 31)
		s.Privacy.Budget.Marginals = &marginals
		steps, rate := hybridSteps, 0.0
		if marginals == 0 {
			steps = pureSteps
		}
		s.Engine = func(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error) {
			if b.Training.Steps != steps || b.Training.BatchSize != 64 {
				t.Errorf("the engine is told of %d steps of %d", b.Training.Steps, b.Training.BatchSize)
			}
			e, err := NewDeviceEngine(dev, gate, b)
			return &ratedEngine{e, &rate}, err
		}
		c := interruptedRun(t, s, columns)
		if c.Training.Steps != steps || c.Steps != steps || c.Training.BatchSize != 64 || c.Step.BatchSize != 64 || c.Step.SampleRate != 64./300 {
			t.Errorf("marginals %g: kept %+v, %+v", marginals, c.Training, c.Step)
		}
		if want := 0.27 / math.Sqrt(pureSteps); marginals == 0 && rate != want {
			t.Errorf("learning rate %g, want %g", rate, want)
		}
		budget, err := dpsgd.PlanBudget(s.Privacy)
		if err != nil {
			t.Fatal(err)
		}
		stages, err := PlanStages(budget, &s, 300)
		if err != nil {
			t.Fatal(err)
		}
		if stages.Releases.Steps != steps || stages.Calibration.NoiseMultiplier != c.Step.NoiseMultiplier {
			t.Errorf("marginals %g: %d steps at noise %g planned, %d at %g run", marginals, stages.Releases.Steps, stages.Calibration.NoiseMultiplier, c.Steps, c.Step.NoiseMultiplier)
		}
	}
}

// A run that auto makes too long for its budget is refused before it has spent.
func TestAutoIsRefusedBeforeAnythingIsPaid(t *testing.T) {
	s, columns := autoSettings(t, 32)
	noise := 0.3
	s.Privacy.NoiseMultiplier, s.Privacy.TargetEpsilon = &noise, 0.05
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, dpsgd.ErrBudget) {
		t.Errorf("a run without a step returned %v", err)
	}
	if ledger, err := os.ReadFile(filepath.Join(s.Directory, "ledger.jsonl")); err == nil && strings.Contains(string(ledger), "gaussian") {
		t.Errorf("a refused run spent something: %s", ledger)
	}
}

// Where the number of rows is private, the batch follows from the noisy one: with
// 260 rows, 64 is what the true number would give.
func TestAutoBatchFollowsTheNoisyRowCount(t *testing.T) {
	others := 0
	for seed := range uint64(6) {
		s, columns := autoSettings(t, seed)
		noise := 30. // given, to save the search
		s.Privacy.NoiseMultiplier = &noise
		s.Privacy.RowCount, s.Privacy.Discovery.RowCount = dpsgd.RowCountDiscovered, 0.1
		for j := range columns {
			columns[j] = columns[j][:260]
		}
		c := interruptedRun(t, s, columns)
		if c.Training.BatchSize != autoBatch(c.Rows) || c.Step.SampleRate != float64(c.Training.BatchSize)/float64(c.Rows) {
			t.Errorf("%d noisy rows: a batch of %d at rate %g", c.Rows, c.Training.BatchSize, c.Step.SampleRate)
		}
		if c.Training.BatchSize != autoBatch(260) {
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
	noise := 20.
	s, columns := autoSettings(t, 33)
	s.Privacy.NoiseMultiplier = &noise
	s.Training.Steps, s.Training.BatchSize = 7, 30
	interruptedRun(t, s, columns)
	s.Resume, s.Training.Steps, s.Training.BatchSize = true, 0, 0
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	if p := result.Model.Privacy(); result.Steps != 7 || p.Steps != 7 || p.SampleRate != 0.1 {
		t.Errorf("resumed: %d steps, stated %d at rate %g", result.Steps, p.Steps, p.SampleRate)
	}

	s, columns = autoSettings(t, 34)
	s.Privacy.NoiseMultiplier = &noise
	interruptedRun(t, s, columns)
	s.Resume = true
	if c := interruptedRun(t, s, columns); c.Training.Steps != pureSteps || c.Training.BatchSize != 64 || c.DiscriminatorSteps != 2 {
		t.Errorf("resumed with auto: %d steps done of %d, batch %d", c.DiscriminatorSteps, c.Training.Steps, c.Training.BatchSize)
	}
	s.Training.BatchSize = 32
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, ErrMismatch) {
		t.Errorf("a run in batches of 64 was resumed in batches of 32: %v", err)
	}
	s.Training.BatchSize, s.Training.Steps = 64, 5
	if result, err := train(t, context.Background(), s, columns); err != nil || result.Steps != 5 {
		t.Errorf("resumed with the numbers that auto gave: %+v, %v", result, err)
	}
}
