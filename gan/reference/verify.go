package reference

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// The net's learning rate in Verify, and after how many steps of a discriminator comes one
// of the generator, one that is held out, and one of the generator from the best.
const (
	netRate            = 5e-3
	discriminatorSteps = 2
	heldEvery          = 3
	recalledEvery      = 4
)

// legSteps is after how many steps at most the device and the reference are compared, and
// go on from one state. Apart for longer, they differ by so much, though each step is
// right, that rounding turns the sign of an activation, and with it a gradient.
const legSteps = 10

// Verify trains a device and the reference side by side for a number of
// discriminator steps, on the same simulated table from the same state with the
// same random numbers, and compares all that they hold, every legSteps and at the end. The
// kinds of discriminator take turns: tables of triples, those and a net, tables of
// pairs, those and a net.
// observe, if not nil, is told of each step. The error says that the training failed;
// that the results differ is in the report.
func Verify(ctx context.Context, dev device.Device, steps int, observe func(step, steps int)) (Report, error) {
	if steps < 1 {
		return Report{}, fmt.Errorf("reference: steps=%d: must be at least 1", steps)
	}
	t := trialOf(dev.Precision())
	report := Report{Device: dev.Name(), Precision: dev.Precision().String(), Steps: steps, Tolerance: t.tolerance, Margin: math.Inf(1), OK: true}
	states, length := map[bool]*nets.State{}, min(legSteps, max(1, steps/len(kinds)))
	for from := 0; from < steps; from += length {
		k := kinds[from/length%len(kinds)]
		l := leg{trial: t, from: from, to: min(from+length, steps), observe: func(done int) {
			if observe != nil {
				observe(done, steps)
			}
		}}
		b := t.engineConfig(k)
		if state := states[k.triples]; state != nil {
			b.Initial = *state
		}
		state, err := l.compare(ctx, dev, &report, b)
		if err != nil {
			return Report{}, err
		}
		states[k.triples] = state
		t.seed++ // other batches and noise
	}
	report.Margin = min(report.Margin, math.MaxFloat64) // without fakes
	return report, nil
}

// leg is a run from one state: steps from+1 to to.
type leg struct {
	trial
	from, to int
	observe  func(done int)
}

// compare runs both as b says, compares them, and returns what b begins with and the
// reference reached.
func (l leg) compare(ctx context.Context, dev device.Device, report *Report, b nets.EngineConfig) (next *nets.State, err error) {
	var pair [2]nets.Engine
	for i, maker := range []nets.EngineMaker{nets.NewDeviceEngine, NewEngine} {
		gate, err := l.gate(b.Cells)
		if err != nil {
			return nil, err
		}
		e, err := maker(dev, gate, b)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, e.Close()) }()
		pair[i] = e
	}
	for done := l.from; done < l.to; done++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("reference: verify: stopped after %d steps: %w", done, err)
		}
		for _, e := range pair {
			if err := l.simulate(e, &b, done+1, done == l.from); err != nil {
				return nil, err
			}
		}
		l.observe(done + 1)
	}
	if net := pair[1].(*engine).net; net != nil {
		report.Margin = min(report.Margin, net.margin)
	}
	if err := report.compare(pair[0], pair[1], l.trial); err != nil {
		return nil, err
	}
	reached, err := pair[1].State()
	tensors := maps.Clone(b.Initial.Tensors)
	maps.Copy(tensors, reached.Tensors)
	reached.Tensors = tensors
	return &reached, err
}

// simulate does one discriminator step and the generator step that may follow. What is
// the best at first is another generator than the one that is trained.
func (l leg) simulate(e nets.Engine, b *nets.EngineConfig, done int, first bool) (err error) {
	mean := 0
	switch {
	case b.Net != nil:
		err = e.NetStep(netRate)
	case done%heldEvery == 0:
		mean = 1
		fallthrough
	default:
		err = e.PairsStep(mean)
	}
	for k := range meanPrefixes {
		if err == nil && (first || k == mean) {
			err = aim(e, b, k)
		}
	}
	if err != nil || done%discriminatorSteps != 0 {
		return err
	}
	if done%recalledEvery == 0 {
		e.Recall()
	} else {
		e.Keep()
	}
	return e.GeneratorStep(l.rate, l.codesRate)
}

// aim makes the generator's target of what mean k knows now.
func aim(e nets.Engine, b *nets.EngineConfig, k int) error {
	weights, err := e.Weights(k)
	if err != nil {
		return err
	}
	return e.Aim(k, targets(b.Layout, b.Pairs, weights))
}
