package reference

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
)

// The discriminator's learning rate in Verify, and how many of its steps go before
// each generator step.
const (
	discriminatorRate  = 5e-3
	discriminatorSteps = 2
)

// legSteps is after how many steps the device and the reference are compared, and go on
// from one state. Apart for longer, they differ by so much, though each step is right,
// that rounding turns the sign of an activation, and with it a gradient.
const legSteps = 10

// Verify trains a device and the reference side by side for a number of
// discriminator steps, on the same simulated table from the same state with the
// same random numbers, and compares all that they hold, every legSteps and at the end.
// observe, if not nil, is told of each step. The error says that the training failed;
// that the results differ is in the report.
func Verify(ctx context.Context, dev device.Device, steps int, observe func(step, steps int)) (Report, error) {
	if steps < 1 {
		return Report{}, fmt.Errorf("reference: steps=%d: must be at least 1", steps)
	}
	t := trialOf(dev.Precision())
	report := Report{Device: dev.Name(), Precision: dev.Precision().String(), Steps: steps, Tolerance: t.tolerance, Margin: math.Inf(1), OK: true}
	var state *gan.State
	for from := 0; from < steps; from += legSteps {
		next, err := t.leg(ctx, dev, &report, state, from, func(done int) {
			if observe != nil {
				observe(done, steps)
			}
		})
		if err != nil {
			return Report{}, err
		}
		state = next
		t.seed++ // other batches and noise
	}
	return report, nil
}

// leg runs both from state (nil: the trial's), from step from on, compares them, and
// returns the state of the reference.
func (t trial) leg(ctx context.Context, dev device.Device, report *Report, state *gan.State, from int, observe func(done int)) (next *gan.State, err error) {
	measured, err := t.engine(gan.NewDeviceEngine, dev, report.Steps, state)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, measured.Close()) }()
	expected, err := t.engine(NewEngine, dev, report.Steps, state)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, expected.Close()) }()
	for done := from + 1; done <= min(from+legSteps, report.Steps); done++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("reference: verify: stopped after %d of %d steps: %w", done-1, report.Steps, err)
		}
		for _, e := range []gan.Engine{measured, expected} {
			if err := t.simulate(e, done); err != nil {
				return nil, err
			}
		}
		observe(done)
	}
	report.Margin = min(report.Margin, expected.(*engine).margin)
	if err := report.compare(measured, expected, t); err != nil {
		return nil, err
	}
	reached, err := expected.State()
	return &reached, err
}

// engine makes an engine over a simulated table of its own, from state or, if that is
// nil, the trial's.
func (t trial) engine(maker gan.EngineMaker, dev device.Device, steps int, state *gan.State) (gan.Engine, error) {
	layout := simulatedLayout()
	gate, err := t.gate(layout)
	if err != nil {
		return nil, err
	}
	b, err := t.blueprint(layout, steps)
	if err != nil {
		return nil, err
	}
	if state != nil {
		b.Initial = *state
	}
	return maker(dev, gate, b)
}

// simulate does one discriminator step and the generator step that may follow.
func (t trial) simulate(e gan.Engine, done int) error {
	if err := e.DiscriminatorStep(discriminatorRate); err != nil {
		return err
	}
	if done%discriminatorSteps != 0 {
		return nil
	}
	return e.GeneratorStep(t.generatorRate)
}
