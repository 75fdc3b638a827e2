package dpsgd

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// leastShare is the share of its limit that a run must find unspent to begin:
// with less, noise would drown all that it learns, and the release of nothing
// would still be charged.
const leastShare = 0.01

// Calibration is the noise with which the releases of a run fit its budget.
type Calibration struct {
	TableNoise      float64 // of each 1-way table, on a count
	NoiseMultiplier float64 // of a step
}

// Calibrate sets the noise of a run that will release 1-way tables of columns
// columns and then make steps steps at sampleRate: for the tables their share of
// what is left, for the steps config's noise multiplier, or, if that is auto,
// the least with which all steps fit. Nothing is charged.
func (b *Budget) Calibrate(config Config, columns int, sampleRate float64, steps int) (Calibration, error) {
	var c Calibration
	err := b.worthwhile()
	if err != nil {
		return c, err
	}
	if c.TableNoise, err = b.TableNoise(columns, config.Budget.Marginals); err != nil {
		return c, err
	}
	if config.NoiseMultiplier != nil {
		c.NoiseMultiplier = *config.NoiseMultiplier
		return c, nil
	}
	c.NoiseMultiplier, err = b.Noise(sampleRate, steps, TablesEvent(columns, c.TableNoise))
	if err == nil && math.IsInf(c.NoiseMultiplier, 0) {
		err = fmt.Errorf("%w: no finite noise multiplier fits", ErrBudget)
	}
	return c, err
}

// worthwhile refuses, as an ErrBudget that says what is left, a limit of which
// next to nothing is.
func (b *Budget) worthwhile() error {
	for _, l := range b.limits {
		left, err := b.left(l)
		if err != nil {
			return err
		}
		if left < leastShare*math.Min(l.epsilon, b.limits[0].epsilon) {
			return fmt.Errorf("%w: %s=%g: %.4g of it is spent and %.4g is left (δ=%g), too little for a run: raise it if more may be released",
				ErrBudget, l.name, l.epsilon, l.epsilon-left, left, b.delta)
		}
	}
	return nil
}

// prior lists what counts towards l before anything more is released.
func (l limit) prior(b *Budget) []accounting.Event {
	return append(append([]accounting.Event{}, l.others...), b.spent...)
}

// left is what is unspent of l, 0 if more than l is spent.
func (b *Budget) left(l limit) (float64, error) {
	spent, err := b.accountant.Epsilon(l.prior(b), b.delta)
	return math.Max(0, l.epsilon-spent), err
}

// TableLeft is what all runs together may still spend of the table, and whether
// there is such a limit.
func (b *Budget) TableLeft() (left float64, limited bool, err error) {
	for _, l := range b.limits {
		if l.name == tableLimit {
			left, err = b.left(l)
			return left, true, err
		}
	}
	return 0, false, nil
}
