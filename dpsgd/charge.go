package dpsgd

import (
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// Charge makes event part of what is spent, durably, or refuses it with
// ErrBudget. Only after it returns nil may the release be computed.
func (b *Budget) Charge(event accounting.Event) error { return b.chargeAll([]accounting.Event{event}) }

// chargeAll charges all of events, or none.
func (b *Budget) chargeAll(events []accounting.Event) error {
	if err := b.admits(events); err != nil {
		return err
	}
	for _, event := range events {
		if err := b.reserveForTable(event); err != nil {
			return err
		}
		block, err := b.reserveForRun(event)
		if err != nil {
			return err
		}
		if err := block.settle(event.Count); err != nil {
			return err
		}
	}
	return nil
}

// admits reports, as an ErrBudget, the first ceiling that events would break.
func (b *Budget) admits(events []accounting.Event) error {
	for _, l := range b.ceilings {
		after, err := l.Epsilon(append(l.prior(b), events...))
		if err != nil {
			return err
		}
		if math.IsInf(after, 1) {
			return fmt.Errorf("%w: %s=%g: %s (%s) is not covered at δ=%g: "+
				"selections of categories have used up their part of it: declare what an earlier run found",
				ErrBudget, l.name, l.epsilon, events[0].Purpose, events[0].Stage, l.delta)
		}
		if after > l.epsilon {
			left, err := b.left(l)
			if err != nil {
				return err
			}
			return fmt.Errorf("%w: %s=%g: %s (%s) would bring ε to %.4g at δ=%g, and %.4g of it is left: raise it, or release less",
				ErrBudget, l.name, l.epsilon, events[0].Purpose, events[0].Stage, after, l.delta, left)
		}
	}
	return nil
}

// reserveForTable makes event spent in the table's ledger and waits for the disk.
func (b *Budget) reserveForTable(event accounting.Event) error {
	if b.tableLedger != nil {
		if err := reserveAndSettle(b.tableLedger, b.run, []accounting.Event{event}); err != nil {
			return err
		}
	}
	b.units = accounting.Merge(b.units, event)
	return nil
}

// block is an event that the run's ledger holds as reserved.
type block struct {
	budget *Budget
	event  accounting.Event
	id     accounting.Reservation
}

// reserveForRun writes event to the run's ledger and waits for the disk.
// The caller knows that event is affordable, and has reserved it for the table.
func (b *Budget) reserveForRun(event accounting.Event) (*block, error) {
	blk := &block{budget: b, event: event}
	if b.runLedger == nil {
		return blk, nil
	}
	var err error
	blk.id, err = b.runLedger.Reserve(b.run, event)
	return blk, err
}

// settle records that used of the block's releases happened; the rest is given back.
func (blk *block) settle(used int) error {
	var err error
	if ledger := blk.budget.runLedger; ledger != nil {
		err = ledger.Settle(blk.id, used)
	}
	blk.budget.spent = blk.after(used)
	return err
}

// after is what the run has spent with used of the block's releases.
func (blk *block) after(used int) []accounting.Event {
	if used == 0 {
		return blk.budget.spent
	}
	event := blk.event
	event.Count = used
	return accounting.Merge(blk.budget.spent, event)
}

// Noise is the smallest noise multiplier at which steps steps at sampleRate fit
// every ceiling beside what is spent and what ahead will spend.
func (b *Budget) Noise(sampleRate float64, steps int, ahead ...accounting.Event) (float64, error) {
	step := StepConfig{SampleRate: sampleRate}
	return b.bindingNoise(ahead, func(l ceiling, prior []accounting.Event) (float64, error) {
		return l.NoiseMultiplier(prior, sampleRate, steps)
	}, func(sigma float64) accounting.Event {
		step.NoiseMultiplier = sigma
		return step.Event(steps)
	})
}

// tableNoise is the noise multiplier of each of count tables that together take
// share of the budget: √(count/share)·σ, σ that of the single Gaussian release
// which would spend all that is left.
func (b *Budget) tableNoise(count int, share float64) (float64, error) {
	sigma, err := b.bindingNoise(nil, func(l ceiling, prior []accounting.Event) (float64, error) {
		return l.GaussianNoise(prior)
	}, func(sigma float64) accounting.Event {
		return accounting.Event{Mechanism: accounting.Gaussian, NoiseMultiplier: sigma, Count: 1}
	})
	return sigma * math.Sqrt(float64(count)/share), err
}

// bindingNoise is the least noise that every ceiling allows: of the run's target first,
// and of another one only if its release does not fit there.
func (b *Budget) bindingNoise(ahead []accounting.Event, noise func(l ceiling, prior []accounting.Event) (float64, error),
	release func(sigma float64) accounting.Event) (float64, error) {
	binding := 0.0
	for _, l := range b.ceilings {
		prior := append(l.prior(b), ahead...)
		if binding > 0 {
			if after, err := l.Epsilon(append(prior[:len(prior):len(prior)], release(binding))); err == nil && after <= l.epsilon {
				continue
			}
		}
		sigma, err := noise(l, prior)
		if errors.Is(err, accounting.ErrUnreachable) {
			left, e := b.left(l)
			if e != nil {
				return 0, e
			}
			return 0, fmt.Errorf("%w: %s=%g: %.4g of it is left (δ=%g), too little for this run: %w", ErrBudget, l.name, l.epsilon, left,
				l.delta, err)
		}
		if err != nil {
			return 0, err
		}
		binding = math.Max(binding, sigma)
	}
	return binding, nil
}

// steps is the most steps, up to bound, that fit every ceiling beside what is
// spent and what ahead will spend.
func (b *Budget) steps(sampleRate, noiseMultiplier float64, bound int, ahead ...accounting.Event) (int, error) {
	steps := bound
	for _, l := range b.ceilings {
		n, err := l.Steps(append(l.prior(b), ahead...), sampleRate, noiseMultiplier, steps)
		if err != nil {
			return 0, err
		}
		steps = min(steps, n)
	}
	return steps, nil
}
