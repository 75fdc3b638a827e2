package gan

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
)

// StepTimes is what a few steps on made-up rows tell of a run.
type StepTimes struct {
	// Weights of the second-order discriminator, which get the noise.
	Weights int
	// SecondsPerStep of the discriminator, 0 if it takes none, and of the generator.
	SecondsPerStep, SecondsPerGeneratorStep float64
}

// usualSteps is about how many steps of the generator a run takes.
const usualSteps = 400

// Seconds is about how long a run of so many steps of the discriminator takes.
func (r StepTimes) Seconds(steps int) float64 {
	return float64(steps)*r.SecondsPerStep + usualSteps*r.SecondsPerGeneratorStep
}

// TimeSteps trains as planned on made-up rows, for about lasting each generator and
// discriminator, and measures the pace. It needs no row of the
// table, and charges nothing.
func TimeSteps(dev device.Device, s Settings, plan *marginal.Plan, step dpsgd.StepConfig, lasting time.Duration) (r StepTimes, err error) {
	rows := int(math.Ceil(step.BatchSize / step.SampleRate))
	codec := s.Domain.Measured()
	gate, err := madeUpRows(codec, min(rows, mostBatch))
	if err != nil {
		return r, err
	}
	if s.Engine == nil {
		s.Engine = nets.NewDeviceEngine
	}
	scope := device.NewScope(dev)
	defer scope.Release()
	l := &run{Trainer: &Trainer{dev: scope, gate: gate, settings: s, state: &checkpoint{
		Joint: marginal.Uniform(codec, plan), Rows: rows, Steps: plan.Releases.Steps, Step: step, Model: s.Model}}}
	l.layOut()
	r.Weights = l.Pairs.Weights
	if err := l.openEngine(nil); err != nil {
		return r, fmt.Errorf("gan: rehearse: %w", err)
	}
	engine := l.engine
	defer func() { err = errors.Join(err, l.close()) }()
	if err = l.aim(nets.Fitted); err != nil {
		return r, err
	}
	// Reading waits for the device.
	if l.Planned > 0 {
		if r.SecondsPerStep, err = paceOf(lasting, func() error {
			if err := engine.PairsStep(nets.Fitted); err != nil {
				return err
			}
			_, err := engine.Weights(nets.HeldOut)
			return err
		}); err != nil {
			return r, err
		}
	}
	r.SecondsPerGeneratorStep, err = paceOf(lasting, func() error {
		if err := l.generatorStep(); err != nil {
			return err
		}
		_, err := engine.FakeAccuracy()
		return err
	})
	return r, err
}

// paceOf is the mean time of a step over about lasting, after two to warm up.
func paceOf(lasting time.Duration, step func() error) (float64, error) {
	var start time.Time
	for done := -2; ; done++ {
		if done == 0 {
			start = time.Now()
		}
		if err := step(); err != nil {
			return 0, err
		}
		if elapsed := time.Since(start); done >= 2 && elapsed >= lasting {
			return elapsed.Seconds() / float64(done+1), nil
		}
	}
}

func madeUpRows(codec *tabular.Codec, rows int) (*dpsgd.Gate, error) {
	sizes := make([]uint32, len(codec.Learned()))
	columns := make([][]uint32, len(sizes))
	for j := range sizes {
		sizes[j] = codec.Size(j)
		columns[j] = make([]uint32, rows)
		for i := range rows {
			draw := device.Draw{Seed: 0, Stream: uint32(j)}
			columns[j][i] = min(uint32(float64(draw.Uniform(i))*float64(sizes[j])), sizes[j]-1)
		}
	}
	gate := dpsgd.NewGate(sizes, nil, dpsgd.SecureEntropy())
	return gate, gate.Append(columns)
}
