package gan

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Trainer trains a model on the rows that enter through Sink.
type Trainer struct {
	dev      device.Device
	settings Settings
	budget   *dpsgd.Budget
	gate     *dpsgd.Gate
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
		settings.Engine = NewDeviceEngine
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
			if err = t.state.matches(s); err != nil {
				return err
			}
			s.Run = t.state.Run
		}
	}
	if t.budget, err = dpsgd.OpenBudget(s.Privacy, s.Run, filepath.Join(s.Directory, "ledger.jsonl")); err != nil {
		return err
	}
	sizes := make([]uint32, len(s.Codec.Learned()))
	for j := range sizes {
		sizes[j] = s.Codec.Size(j)
	}
	t.gate = dpsgd.NewGate(sizes, t.budget, t.entropy)
	t.metrics, err = openMetrics(filepath.Join(s.Directory, "metrics.jsonl"), s.InsecureSeed != nil)
	return err
}

// Sink is where the private rows enter.
func (t *Trainer) Sink() tabular.Sink { return t.gate }

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
	return warnings(t.settings.Privacy, t.gate.RowCount(), t.entropy.Insecure())
}

// prepare pays for the tables and calibrates the noise, unless a checkpoint
// brings both.
func (t *Trainer) prepare() error {
	if t.state != nil {
		return nil
	}
	s := &t.settings
	rows := t.gate.RowCount()
	if s.Training.BatchSize > rows {
		return fmt.Errorf("gan: %w: training.batch_size=%d is larger than the table's %d rows: lower it", ErrData, s.Training.BatchSize, rows)
	}
	config := dpsgd.StepConfig{BatchSize: float64(s.Training.BatchSize), SampleRate: float64(s.Training.BatchSize) / float64(rows),
		MaxGradNorm:   s.Privacy.MaxGradNorm,
		PhysicalBatch: dpsgd.PhysicalBatch(float64(s.Training.BatchSize), rows, s.MaxPhysicalBatchSize)}
	columns := len(s.Codec.Learned())
	tableNoise, err := t.budget.TableNoise(columns, s.Privacy.Budget.Marginals)
	if err != nil {
		return err
	}
	if err := t.affordable(columns, tableNoise, config); err != nil {
		return err
	}
	marginals, err := measure(t.gate, s.Codec, tableNoise, s.Model.MaxModes)
	if err != nil {
		return err
	}
	if config.NoiseMultiplier, err = t.noise(config); err != nil {
		return err
	}
	layout := marginals.layout()
	initial := initialState(newGeneratorShape(s.Model.Generator, layout), newDiscriminatorShape(s.Model.Discriminator, layout),
		marginals.headBias(layout, float64(rows)), t.seed)
	t.state = &checkpoint{Run: s.Run, Schema: s.Codec.Schema(), Model: s.Model, Training: s.Training, Marginals: *marginals,
		Step: config, Pace: newPace(s.Training.DiscriminatorSteps), Insecure: t.entropy.Insecure()}
	t.state.take(initial)
	return t.state.save(s.Directory)
}

// affordable refuses, before anything is released, a run whose budget would
// leave no single step after the tables.
func (t *Trainer) affordable(columns int, tableNoise float64, config dpsgd.StepConfig) error {
	noise := t.settings.Privacy.NoiseMultiplier
	if noise == nil {
		return nil
	}
	config.NoiseMultiplier = *noise
	steps, err := t.budget.Steps(config.SampleRate, *noise, 1, dpsgd.TablesEvent(columns, tableNoise))
	if err != nil {
		return err
	}
	if steps == 0 {
		return fmt.Errorf("gan: %w: privacy.target_epsilon=%g does not pay for one step at privacy.noise_multiplier=%g and sample rate %.4g: raise the noise, or set it to auto",
			dpsgd.ErrBudget, t.settings.Privacy.TargetEpsilon, *noise, config.SampleRate)
	}
	return nil
}

func (t *Trainer) noise(config dpsgd.StepConfig) (float64, error) {
	if noise := t.settings.Privacy.NoiseMultiplier; noise != nil {
		return *noise, nil
	}
	noise, err := t.budget.Noise(config.SampleRate, t.settings.Training.Steps)
	if err == nil && math.IsInf(noise, 0) {
		err = fmt.Errorf("gan: %w: no finite noise multiplier fits", dpsgd.ErrBudget)
	}
	return noise, err
}
