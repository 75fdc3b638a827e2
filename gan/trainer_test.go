package gan

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// smallTable has 300 rows of a number and two categories that depend on it.
func smallTable(t *testing.T) (*tabular.Codec, [][]uint32) {
	t.Helper()
	schema := tabular.Schema{Missing: []string{""}, Columns: []tabular.Column{
		{Name: "age", Type: tabular.Integer, Bounds: []any{0, 99}},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
		{Name: "band", Type: tabular.Ordinal, Values: []string{"low", "mid", "high"}, Nullable: true},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	columns := make([][]uint32, 3)
	for i := range uint32(300) {
		columns[0] = append(columns[0], i%100)
		columns[1] = append(columns[1], i%100/50)
		columns[2] = append(columns[2], i%4)
	}
	return codec, columns
}

func smallSettings(t *testing.T, codec *tabular.Codec, seed uint64) Settings {
	t.Helper()
	s := Settings{Codec: codec, Model: DefaultModelConfig(), Training: DefaultTrainingConfig(), Privacy: dpsgd.DefaultConfig(),
		Directory: t.TempDir(), Run: "test", InsecureSeed: &seed}
	s.Model.Generator.Latent, s.Model.Generator.Hidden = 8, []int{16, 16}
	s.Model.Discriminator.Hidden = []int{8}
	s.Training.BatchSize, s.Training.GeneratorBatchSize, s.Training.Steps = 30, 16, 12
	s.Privacy.Accountant = "rdp"
	s.Privacy.Budget.Marginals = new(float64) // pure mode
	return s
}

func train(t *testing.T, ctx context.Context, s Settings, columns [][]uint32) (*Result, error) {
	t.Helper()
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	trainer, err := NewTrainer(dev, s)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := trainer.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := trainer.Sink().Append(columns); err != nil {
		t.Fatal(err)
	}
	return trainer.Run(ctx)
}

func sample(t *testing.T, m *Model, seed uint64, rows int) [][]uint32 {
	t.Helper()
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	s, err := NewSampler(dev, m, SampleConfig{Seed: seed, Rows: rows, Batch: 64})
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]uint32, len(m.Codec().Learned()))
	for n := 0; n < rows; {
		columns, err := s.Next(rows - n)
		if err != nil {
			t.Fatal(err)
		}
		for j := range columns {
			out[j] = append(out[j], columns[j]...)
		}
		n += len(columns[0])
	}
	return out
}

func TestTrainSaveLoadSample(t *testing.T) {
	codec, columns := smallTable(t)
	s := smallSettings(t, codec, 1)
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	if result.Epsilon > result.TargetEpsilon || result.Steps != 12 || result.StoppedBy != "steps" {
		t.Errorf("spent %g of %g in %d steps, stopped by %s", result.Epsilon, result.TargetEpsilon, result.Steps, result.StoppedBy)
	}
	loaded := throughFile(t, result.Model)
	before, after := sample(t, result.Model, 9, 200), sample(t, loaded, 9, 200)
	if !reflect.DeepEqual(before, after) {
		t.Error("a loaded model samples other rows")
	}
	if reflect.DeepEqual(after, sample(t, loaded, 10, 200)) {
		t.Error("another seed gives the same rows")
	}
	short := sample(t, loaded, 9, 150)
	for j := range short {
		if !reflect.DeepEqual(short[j], after[j][:150]) {
			t.Error("a shorter sample is not a prefix of a longer one")
		}
		for _, code := range after[j] {
			if code >= codec.Size(j) {
				t.Errorf("column %d: code %d of %d", j, code, codec.Size(j))
			}
		}
	}
}

// With fixed keys a run repeats exactly; without, no two are alike.
func TestOnlyInsecureSeedsRepeat(t *testing.T) {
	codec, columns := smallTable(t)
	run := func(seed *uint64) Tensors {
		s := smallSettings(t, codec, 0)
		s.InsecureSeed = seed
		result, err := train(t, context.Background(), s, columns)
		if err != nil {
			t.Fatal(err)
		}
		if result.Model.Privacy().Insecure != (seed != nil) {
			t.Errorf("the privacy statement hides how keys were made")
		}
		return result.Model.Tensors()
	}
	seed := uint64(5)
	bias := func(m Tensors) any { return m["generator.heads.bias"].Data() }
	if a, b := run(&seed), run(&seed); !reflect.DeepEqual(bias(a), bias(b)) {
		t.Error("the same insecure seed gave two models")
	}
	if a, b := run(nil), run(nil); reflect.DeepEqual(bias(a), bias(b)) {
		t.Error("two secure runs gave the same model")
	}
}

// An interrupted run leaves a checkpoint from which the rest is trained, and
// the two parts together spend no more than the target.
func TestInterruptAndResume(t *testing.T) {
	codec, columns := smallTable(t)
	s := smallSettings(t, codec, 2)
	ctx, cancel := context.WithCancel(context.Background())
	steps := 0
	s.Engine = func(dev device.Device, gate *dpsgd.Gate, b Blueprint) (Engine, error) {
		e, err := NewDeviceEngine(dev, gate, b)
		return &countingEngine{Engine: e, after: func() {
			if steps++; steps == 5 {
				cancel()
			}
		}}, err
	}
	if _, err := train(t, ctx, s, columns); !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted run returned %v", err)
	}
	s.Engine, s.Resume = nil, true
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	if result.Steps != 12 || result.Epsilon > result.TargetEpsilon {
		t.Errorf("resumed: %d steps, ε %g of %g", result.Steps, result.Epsilon, result.TargetEpsilon)
	}
	if got := result.Model.Privacy().Steps; got != 12 {
		t.Errorf("the statement counts %d steps, not 12", got)
	}
	s.Model.Generator.Latent++
	if _, err := train(t, context.Background(), s, columns); !errors.Is(err, ErrMismatch) {
		t.Errorf("a checkpoint of another model was resumed: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	codec, columns := smallTable(t)
	for _, c := range []struct {
		name   string
		change func(*Settings)
		rows   int
		want   error
		text   string
	}{
		{"batch larger than the table", func(s *Settings) { s.Training.BatchSize = 301 }, 300, ErrData, "training.batch_size=301"},
		{"one row", func(*Settings) {}, 1, ErrData, "training.batch_size=30"},
		{"no rows", func(*Settings) {}, 0, ErrData, "no rows"},
		{"budget below one step", func(s *Settings) { noise := 0.3; s.Privacy.NoiseMultiplier, s.Privacy.TargetEpsilon = &noise, 0.05 }, 300, dpsgd.ErrBudget, "target_epsilon=0.05"},
	} {
		s := smallSettings(t, codec, 3)
		c.change(&s)
		part := make([][]uint32, len(columns))
		for j := range part {
			part[j] = columns[j][:c.rows]
		}
		if _, err := train(t, context.Background(), s, part); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", c.name, err)
		}
		if ledger, err := os.ReadFile(filepath.Join(s.Directory, "ledger.jsonl")); err == nil && strings.Contains(string(ledger), "gaussian") {
			t.Errorf("%s: a refused run spent something", c.name)
		}
	}
}

// A run whose noise is given stops at the last step that fits.
func TestStopsBeforeTheStepThatWouldOverspend(t *testing.T) {
	codec, columns := smallTable(t)
	s := smallSettings(t, codec, 4)
	noise := 1.0
	s.Privacy.NoiseMultiplier, s.Training.Steps = &noise, 10_000
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	if result.StoppedBy != "budget" || result.Steps >= 10_000 || result.Epsilon > s.Privacy.TargetEpsilon {
		t.Errorf("stopped by %s after %d steps at ε %g of %g", result.StoppedBy, result.Steps, result.Epsilon, s.Privacy.TargetEpsilon)
	}
	statement := result.Model.Privacy()
	step := dpsgd.StepConfig{SampleRate: statement.SampleRate, NoiseMultiplier: statement.NoiseMultiplier}
	if over := epsilonWithOneMore(t, statement, step); over <= s.Privacy.TargetEpsilon {
		t.Errorf("one more step would have fitted: ε %g of %g", over, s.Privacy.TargetEpsilon)
	}
}
