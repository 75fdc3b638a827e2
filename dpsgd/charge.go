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
		block, err := b.reserve(event)
		if err != nil {
			return err
		}
		if err := block.settle(event.Count); err != nil {
			return err
		}
	}
	return nil
}

// admits reports, as an ErrBudget, the first limit that events would break.
func (b *Budget) admits(events []accounting.Event) error {
	for _, l := range b.limits {
		after, err := b.accountant.Epsilon(append(l.prior(b), events...), b.delta)
		if err != nil {
			return err
		}
		if after > l.epsilon {
			left, err := b.left(l)
			if err != nil {
				return err
			}
			return fmt.Errorf("%w: %s=%g: %s (%s) would bring ε to %.4g at δ=%g, and %.4g of it is left: raise it, or release less",
				ErrBudget, l.name, l.epsilon, events[0].Purpose, events[0].Stage, after, b.delta, left)
		}
	}
	return nil
}

// block is an event that all ledgers hold as reserved.
type block struct {
	budget *Budget
	event  accounting.Event
	ids    []accounting.Reservation
}

// reserve writes event to every ledger and waits for the disk.
// The caller knows that event is affordable.
func (b *Budget) reserve(event accounting.Event) (*block, error) {
	blk := &block{budget: b, event: event}
	for _, l := range b.ledgers {
		id, err := l.Reserve(b.run, event)
		if err != nil {
			return nil, err
		}
		blk.ids = append(blk.ids, id)
	}
	return blk, nil
}

// settle records that used of the block's releases happened; the rest is given back.
func (blk *block) settle(used int) error {
	var errs []error
	for i, l := range blk.budget.ledgers {
		errs = append(errs, l.Settle(blk.ids[i], used))
	}
	if event := blk.event; used > 0 {
		event.Count = used
		blk.budget.spent = accounting.Merge(blk.budget.spent, event)
	}
	return errors.Join(errs...)
}

// Noise is the smallest noise multiplier at which steps steps at sampleRate fit
// every limit beside what is spent and what ahead will spend.
func (b *Budget) Noise(sampleRate float64, steps int, ahead ...accounting.Event) (float64, error) {
	return b.strictest(ahead, func(prior []accounting.Event, epsilon float64) (float64, error) {
		return b.accountant.NoiseMultiplier(prior, sampleRate, steps, epsilon, b.delta)
	})
}

// TableNoise is the noise multiplier of each of count tables that together take
// share of the budget: √(count/share)·σ, σ that of the single Gaussian release
// which would spend all that is left.
func (b *Budget) TableNoise(count int, share float64) (float64, error) {
	sigma, err := b.strictest(nil, func(prior []accounting.Event, epsilon float64) (float64, error) {
		return b.accountant.GaussianNoise(prior, 1, epsilon, b.delta)
	})
	return sigma * math.Sqrt(float64(count)/share), err
}

func (b *Budget) strictest(ahead []accounting.Event, noise func(prior []accounting.Event, epsilon float64) (float64, error)) (float64, error) {
	most := 0.0
	for _, l := range b.limits {
		prior := append(l.prior(b), ahead...)
		sigma, err := noise(prior, l.epsilon)
		if errors.Is(err, accounting.ErrUnreachable) {
			left, e := b.left(l)
			if e != nil {
				return 0, e
			}
			return 0, fmt.Errorf("%w: %s=%g: %.4g of it is left (δ=%g), too little for this run: %w", ErrBudget, l.name, l.epsilon, left, b.delta, err)
		}
		if err != nil {
			return 0, err
		}
		most = math.Max(most, sigma)
	}
	return most, nil
}

// Steps is the most steps, up to bound, that fit every limit beside what is
// spent and what ahead will spend.
func (b *Budget) Steps(sampleRate, noiseMultiplier float64, bound int, ahead ...accounting.Event) (int, error) {
	steps := bound
	for _, l := range b.limits {
		n, err := b.accountant.Steps(append(l.prior(b), ahead...), sampleRate, noiseMultiplier, l.epsilon, b.delta, steps)
		if err != nil {
			return 0, err
		}
		steps = min(steps, n)
	}
	return steps, nil
}
