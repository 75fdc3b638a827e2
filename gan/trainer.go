package gan

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
)

// Trainer trains a model on the rows that enter through Sink.
type Trainer struct {
	dev      device.Device
	settings Settings
	budget   *dpsgd.Budget
	gate     *dpsgd.Gate
	sink     tabular.Sink // the gate, or what recodes rows for it
	entropy  *dpsgd.Entropy
	state    *checkpoint
	seed     uint64
	metrics  *metrics
}

// NewTrainer opens the ledgers and, to resume, the checkpoint. It refuses early
// what could not be trained later: a senseless configuration, a spent budget.
func NewTrainer(dev device.Device, settings Settings) (*Trainer, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	if settings.Engine == nil {
		settings.Engine = nets.NewDeviceEngine
	}
	t := &Trainer{dev: dev, settings: settings, entropy: dpsgd.SecureEntropy(), seed: rand.Uint64()}
	if seed := settings.InsecureSeed; seed != nil {
		t.entropy, t.seed = dpsgd.InsecureEntropy(*seed), *seed
	}
	if err := t.open(); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Trainer) open() (err error) {
	s := &t.settings
	if s.Resume {
		if t.state, err = loadCheckpoint(s.Directory); err != nil {
			return err
		}
		if t.state != nil {
			s.Training = s.Training.asBegun(t.state.Training)
			if err = t.state.matches(s); err != nil {
				return err
			}
			s.Run = t.state.Run
		}
	}
	if err = t.openBudget(); err != nil {
		return err
	}
	measured := s.Domain.Measured()
	sizes := make([]uint32, len(measured.Learned()))
	for j := range sizes {
		sizes[j] = measured.Size(j)
	}
	t.gate = dpsgd.NewGate(sizes, t.budget, t.entropy)
	t.sink = tabular.NewDifferenceSink(t.gate, s.Domain.Rules.Differences())
	if s.Privacy.RowCount == dpsgd.RowCountDiscovered {
		known := 0
		if t.state != nil {
			known = t.state.Rows
		}
		t.gate.HideRowCount(known)
	}
	t.metrics, err = openMetrics(filepath.Join(s.Directory, "metrics.jsonl"), s.InsecureSeed != nil)
	return err
}

// openBudget opens the ledgers, which must hold what the checkpoint rests on.
func (t *Trainer) openBudget() (err error) {
	start := t.settings.Start()
	if t.state != nil {
		start.Resumed, start.ChargeMissing = &t.state.Budget, t.settings.ChargeMissing
	}
	if t.budget, err = dpsgd.OpenBudget(t.settings.Privacy, start); err != nil || t.state == nil {
		return err
	}
	t.state.Budget.Table = t.budget.Table()
	if !t.settings.ChargeMissing {
		return nil
	}
	return t.state.save(t.settings.Directory, t.state.Budget.Events)
}

// Sink is where the private rows enter.
func (t *Trainer) Sink() tabular.Sink { return t.sink }

// Close releases the ledgers and the metrics file.
func (t *Trainer) Close() error {
	var errs []error
	if t.metrics != nil {
		errs = append(errs, t.metrics.close())
	}
	if t.budget != nil {
		errs = append(errs, t.budget.Close())
	}
	return errors.Join(errs...)
}

// Warnings are the settings that weaken the guarantee, once the rows are in.
func (t *Trainer) Warnings() []string {
	return model.Warnings(t.settings.Privacy, t.gate.RowCount(), t.entropy.Insecure())
}

// measure pays for the row count and the tables, settles the length of the run and
// calibrates the noise, unless a checkpoint brings all of it.
func (t *Trainer) measure() error {
	if t.state != nil {
		return t.sameTable()
	}
	s := &t.settings
	if s.Privacy.RowCount == dpsgd.RowCountDiscovered {
		if _, err := t.gate.ReleaseRowCount(s.Privacy); err != nil {
			return err
		}
	}
	rows := t.gate.RowCount()
	if rows == 0 {
		return fmt.Errorf("gan: %w: the table has no rows", ErrData)
	}
	s.Training = s.Training.WithDefaults(s.Model.Discriminator.Kind, rows)
	if s.Privacy.Budget.Allocate().Trains() && s.Training.BatchSize > rows {
		return fmt.Errorf("gan: %w: training.batch_size=%d is larger than the table's %d rows: lower it", ErrData, s.Training.BatchSize, rows)
	}
	plan, err := PlanReleases(t.budget, s, rows)
	if err != nil {
		return err
	}
	t.state = &checkpoint{Run: s.Run, Promise: promiseOf(s.Privacy), Budget: dpsgd.Remembered{Table: t.budget.Table()},
		Plan: append(t.budget.Spent(), plan.Releases.Events()...), Rows: rows, Schema: s.Domain.Schema(), Model: s.Model, Training: s.Training,
		Insecure: t.entropy.Insecure()}
	if err := t.release(plan); err != nil {
		t.state = nil
		return err
	}
	return t.state.save(s.Directory, t.budget.Spent())
}

// sameTable refuses to resume on a table that is another one by what is public of it:
// its columns, which matches compared, and, where that is public, its number of rows.
// On a smaller one the sample rate that was charged would be too low.
func (t *Trainer) sameTable() error {
	if t.settings.Privacy.RowCount == dpsgd.RowCountPublic && t.gate.RowCount() != t.state.Rows {
		return fmt.Errorf("gan: data.path: %w: %d rows, and the run began with %d: resume on the table that the run began with, or start a new run", ErrMismatch, t.gate.RowCount(), t.state.Rows)
	}
	return nil
}

// release pays for the tables. It refuses, before that, a run whose budget would
// leave no single step after them.
func (t *Trainer) release(plan *marginal.Plan) error {
	s, rows := &t.settings, t.gate.RowCount()
	if plan.Releases.Steps > 0 {
		if plan.Releases.Affordable == 0 {
			return fmt.Errorf("gan: %w: privacy.target_epsilon=%g does not pay for one step at privacy.noise_multiplier=%g and sample rate %.4g: raise the noise, or set it to auto",
				dpsgd.ErrBudget, s.Privacy.TargetEpsilon, plan.Releases.NoiseMultiplier, plan.Releases.SampleRate)
		}
		t.state.Step = dpsgd.StepConfig{BatchSize: float64(s.Training.BatchSize), SampleRate: plan.Releases.SampleRate,
			MaxGradNorm: s.Privacy.MaxGradNorm, NoiseMultiplier: plan.Releases.NoiseMultiplier,
			PhysicalBatch: dpsgd.PhysicalBatch(float64(s.Training.BatchSize), rows, s.MaxPhysicalBatchSize)}
		t.state.Budget.Phase = t.state.Step.Event(plan.Releases.Affordable)
		t.state.Plan = append(t.state.Plan, t.state.Budget.Phase)
	}
	t.state.Steps = plan.Releases.Affordable
	var err error
	t.state.Joint, err = marginal.Measure(t.gate, s.Domain, plan)
	return err
}
