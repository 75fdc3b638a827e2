package gan

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/gantest"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/gan/sample"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// modes are the budget's shares that make the modes of a run: of tables and of the
// discriminator.
var modes = map[string]dpsgd.Shares{
	marginal.ModePure:      {Marginals: new(0.0)},
	marginal.ModeGAN:       {Marginals: new(0.5)},
	marginal.ModeMarginals: {Marginals: new(1.0)},
}

// smallSettings are those of a short run of a small net in pure mode.
func smallSettings(t testing.TB, codec *tabular.Codec, seed uint64) Settings {
	t.Helper()
	s := Settings{Domain: tabulartest.Domain(t, codec), Model: nets.DefaultModelConfig(), Training: DefaultTrainingConfig(), Privacy: dpsgd.DefaultConfig(),
		Directory: t.TempDir(), Run: "test", InsecureSeed: &seed}
	s.Model.Generator.Atoms, s.Model.Generator.Latent = 64, 8
	s.Model.Discriminator.Hidden = []int{8}
	s.Training.BatchSize, s.Training.Steps = 30, 12
	s.Privacy.Accountant = "rdp"
	s.Privacy.Budget = modes[marginal.ModePure]
	return s
}

// modeSettings are those of a short run on smallTable in a mode.
func modeSettings(t testing.TB, mode string, seed uint64) (Settings, [][]uint32) {
	t.Helper()
	codec, columns := tabulartest.Small(t)
	s := smallSettings(t, codec, seed)
	s.Privacy.Budget = modes[mode]
	return s, columns
}

// quickSettings are modeSettings with the noise given, to save the search for it.
func quickSettings(t testing.TB, mode string, seed uint64) (Settings, [][]uint32) {
	t.Helper()
	s, columns := modeSettings(t, mode, seed)
	s.Privacy.NoiseMultiplier = new(20.0)
	return s, columns
}

// train trains on the CPU.
func train(t testing.TB, ctx context.Context, s Settings, columns [][]uint32) (*Result, error) {
	t.Helper()
	dev := cpu.New(1)
	defer dev.Close()
	return trainOn(t, ctx, dev, s, columns)
}

func trainOn(t testing.TB, ctx context.Context, dev device.Device, s Settings, columns [][]uint32) (*Result, error) {
	t.Helper()
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

// mustTrain trains to the end.
func mustTrain(t testing.TB, s Settings, columns [][]uint32) *Result {
	t.Helper()
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// The kinds of steps that a watched engine does.
const (
	pairsStep     = "pairs"
	generatorStep = "generator"
	netStep       = "net"
)

// watchedEngine calls before and after around each step, with its kind, its number from
// 1 on, and what it was given: its learning rates, or the mean. If before fails, so does
// the step.
type watchedEngine struct {
	nets.Engine
	watch
	counts map[string]int
}

type watch struct {
	before func(kind string, n int) error
	after  func(kind string, n int, given ...float64)
}

func (e *watchedEngine) around(kind string, step func() error, given ...float64) error {
	e.counts[kind]++
	if e.before != nil {
		if err := e.before(kind, e.counts[kind]); err != nil {
			return err
		}
	}
	err := step()
	if e.after != nil {
		e.after(kind, e.counts[kind], given...)
	}
	return err
}

func (e *watchedEngine) PairsStep(k int) error {
	return e.around(pairsStep, func() error { return e.Engine.PairsStep(k) }, float64(k))
}

func (e *watchedEngine) NetStep(rate float64) error {
	return e.around(netStep, func() error { return e.Engine.NetStep(rate) }, rate)
}

func (e *watchedEngine) GeneratorStep(net, codes float64) error {
	return e.around(generatorStep, func() error { return e.Engine.GeneratorStep(net, codes) }, net, codes)
}

// maker makes engines that w watches; steps are counted over all of them.
func (w watch) maker() nets.EngineMaker {
	counts := map[string]int{}
	return func(dev device.Device, gate *dpsgd.Gate, b nets.EngineConfig) (nets.Engine, error) {
		e, err := nets.NewDeviceEngine(dev, gate, b)
		return &watchedEngine{e, w, counts}, err
	}
}

// interrupted trains until a step of a kind is done, cancels, and returns what was made
// of it and kept.
func interrupted(t testing.TB, s Settings, columns [][]uint32, kind string, step int) (*Result, *checkpoint) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.Engine = watch{after: func(did string, n int, _ ...float64) {
		if did == kind && n == step {
			cancel()
		}
	}}.maker()
	result, err := train(t, ctx, s, columns)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted run returned %v", err)
	}
	return result, checkpointOf(t, s)
}

func checkpointOf(t testing.TB, s Settings) *checkpoint {
	t.Helper()
	c, err := loadCheckpoint(s.Directory)
	if err != nil || c == nil {
		t.Fatalf("checkpoint %+v, %v", c, err)
	}
	return c
}

// sampleAll draws all rows of config.
func sampleAll(t testing.TB, m *model.Model, config sample.Config) ([][]uint32, *sample.Sampler) {
	t.Helper()
	dev := cpu.New(1)
	defer dev.Close()
	s, err := sample.New(dev, m, config)
	if err != nil {
		t.Fatal(err)
	}
	return gantest.Collect(t, s.All()), s
}

func drawn(t testing.TB, m *model.Model, seed uint64, rows int) [][]uint32 {
	t.Helper()
	out, _ := sampleAll(t, m, sample.Config{Seed: seed, Rows: rows})
	return out
}

// throughFile is m as its file keeps it.
func throughFile(t testing.TB, m *model.Model) *model.Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
