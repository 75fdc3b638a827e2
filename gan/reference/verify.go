package reference

import (
	"context"
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
)

// The discriminator's learning rate in Verify, and how many of its steps go before
// each generator step.
const (
	discriminatorRate  = 5e-3
	discriminatorSteps = 2
)

// Verify trains a device and the reference side by side for a number of
// discriminator steps, on the same simulated table from the same state with the
// same random numbers, and compares all that they hold afterwards. observe, if
// not nil, is told of each step. The error says that the training failed; that the
// results differ is in the report.
func Verify(ctx context.Context, dev device.Device, steps int, observe func(step, steps int)) (report Report, err error) {
	if steps < 1 {
		return Report{}, fmt.Errorf("reference: steps=%d: must be at least 1", steps)
	}
	t := trialOf(dev.Precision())
	measured, err := t.engine(gan.NewDeviceEngine, dev, steps)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, measured.Close()) }()
	expected, err := t.engine(NewEngine, dev, steps)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, expected.Close()) }()
	for done := 1; done <= steps; done++ {
		if err := ctx.Err(); err != nil {
			return Report{}, fmt.Errorf("reference: verify: stopped after %d of %d steps: %w", done-1, steps, err)
		}
		for _, e := range []gan.Engine{measured, expected} {
			if err := t.simulate(e, done); err != nil {
				return Report{}, err
			}
		}
		if observe != nil {
			observe(done, steps)
		}
	}
	report = Report{Device: dev.Name(), Precision: dev.Precision().String(), Steps: steps, Tolerance: t.tolerance, Margin: expected.(*engine).margin}
	return report, report.compare(measured, expected, t)
}

// engine makes an engine over a simulated table of its own.
func (t trial) engine(maker gan.EngineMaker, dev device.Device, steps int) (gan.Engine, error) {
	layout := simulatedLayout()
	gate, err := t.gate(layout)
	if err != nil {
		return nil, err
	}
	b, err := t.blueprint(layout, steps)
	if err != nil {
		return nil, err
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
