package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
)

func endToEnd(r *runner) error { return r.training(r.cfg.Demo, "the caller gives no table") }

func endToEndAdult(r *runner) error {
	return r.training(r.cfg.Adult, "no Adult table: name it, or its folder, with --data or DPGAN_DATA")
}

// training times whole trainings. Unlike a step, one takes long: as many are
// run as the budget allows, at least one, and the row says how many.
func (r *runner) training(table *Table, missing string) error {
	if table == nil {
		return r.emitted(work{name: "train", modes: []string{private}}, func() ([]Row, error) { return nil, skipped("%s", missing) })
	}
	ways := []*Table{table, table.pure()}
	if r.cfg.Quick {
		ways = ways[:1]
	}
	for _, t := range ways {
		settings := t.Settings
		w := work{name: fmt.Sprintf("train %s %d steps", t.Name, settings.Training.Steps), modes: []string{private},
			batch: settings.Training.BatchSize, dim: len(settings.Domain.Learned())}
		if err := r.emitted(w, func() ([]Row, error) { return r.trainings(w, t) }); err != nil {
			return err
		}
	}
	return nil
}

// pure is the table with all but single columns left to the discriminator.
func (t *Table) pure() *Table {
	pure, none := *t, 0.
	pure.Name += " pure"
	pure.Settings.Privacy.Budget = dpsgd.Shares{Marginals: &none}
	return &pure
}

func (r *runner) trainings(w work, table *Table) (rows []Row, err error) {
	dev, err := r.target.Open(r.threads)
	if err != nil {
		return nil, err
	}
	m := &meter{Device: dev}
	defer func() { err = errors.Join(err, dev.Close()) }()
	p := r.cfg.pacing()
	if r.cfg.Quick {
		p.runs = 1
	}
	var whole, train, read, outside timing
	var bytes int64
	steps := 0
	for spent := 0.0; len(whole) < p.runs; {
		m.bytes = 0
		one, err := trainOnce(r.ctx, m, table)
		if err != nil {
			return nil, err
		}
		whole, train, read = append(whole, one.whole), append(train, one.train), append(read, one.read)
		outside = append(outside, 1-one.steps/one.whole)
		bytes, steps = m.bytes, one.count
		if spent += one.whole; spent+one.whole > p.budget.Seconds() {
			break
		}
	}
	row := r.row(w, private)
	perStep := make(timing, len(train))
	for i := range train {
		perStep[i] = train[i] / float64(max(steps, 1))
	}
	row.describe(m, perStep, 0)
	row.Bytes, row.Seconds, row.ReadSeconds, row.OutsideShare = bytes, whole.median(), read.median(), outside.median()
	row.StepsPerSecond = float64(steps) / train.median()
	if steps == 0 {
		row.RowsPerSecond = 0
	}
	return []Row{row}, nil
}

// trained is the seconds of one training, and what it made.
type trained struct {
	whole, read, train float64 // from file to model; reading; all after that but saving
	steps              float64 // in the engine's steps
	count              int     // of discriminator steps
	model              *model.Model
}

// trainOnce trains from the table's file to a model file, in a folder of its own.
func trainOnce(ctx context.Context, dev device.Device, table *Table) (result trained, err error) {
	folder, err := os.MkdirTemp("", "dpgan-bench-")
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s := table.Settings
	s.Directory, s.Run = folder, "bench"
	s.Privacy.Ledger, s.Privacy.TableEpsilon, s.Privacy.TableDelta = "", 0, 0 // a benchmark spends nobody's budget
	watch := &stopwatch{}
	s.Engine = watch.newEngine
	start := time.Now()
	trainer, err := gan.NewTrainer(dev, s)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, trainer.Close()) }()
	if _, err := tabular.Read(ctx, table.Path, s.Domain.Codec, trainer.Sink()); err != nil {
		return result, err
	}
	result.read = time.Since(start).Seconds()
	done, err := trainer.Run(ctx)
	if err != nil {
		return result, err
	}
	if done.StoppedBy == "budget" {
		return result, fmt.Errorf("the budget ended the training after %d of %d steps", done.Steps, s.Training.Steps)
	}
	result.count = done.Steps
	result.train, result.model = time.Since(start).Seconds()-result.read, done.Model
	err = done.Model.Save(filepath.Join(folder, "model.safetensors"))
	result.whole, result.steps = time.Since(start).Seconds(), watch.spent.Seconds()
	return result, err
}

// stopwatch measures the time in which an engine takes steps, or is waited for
// because it does.
type stopwatch struct {
	nets.Engine
	dev   device.Device
	spent time.Duration
}

func (w *stopwatch) newEngine(dev device.Device, gate *dpsgd.Gate, b nets.EngineConfig) (nets.Engine, error) {
	engine, err := nets.NewDeviceEngine(dev, gate, b)
	w.Engine, w.dev = engine, dev
	return w, err
}

func (w *stopwatch) timed(start time.Time) { w.spent += time.Since(start) }

func (w *stopwatch) PairsStep(mean int) error {
	defer w.timed(time.Now())
	return w.Engine.PairsStep(mean)
}

func (w *stopwatch) NetStep(learningRate float64) error {
	defer w.timed(time.Now())
	return w.Engine.NetStep(learningRate)
}

func (w *stopwatch) GeneratorStep(net, codes float64) error {
	defer w.timed(time.Now())
	return w.Engine.GeneratorStep(net, codes)
}

func (w *stopwatch) Weights(mean int) ([]float32, error) {
	defer w.timed(time.Now())
	return w.Engine.Weights(mean)
}

func (w *stopwatch) Loss(mean int) (float64, error) {
	defer w.timed(time.Now())
	return w.Engine.Loss(mean)
}

// State waits for the steps on their own account before it reads them out.
func (w *stopwatch) State() (nets.State, error) {
	start := time.Now()
	err := w.dev.Sync()
	w.timed(start)
	if err != nil {
		return nets.State{}, err
	}
	return w.Engine.State()
}
