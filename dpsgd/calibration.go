package dpsgd

import (
	"errors"
	"fmt"
	"math"
)

// leastShare is the share of its ceiling that a run must find unspent to begin:
// with less, noise would drown all that it learns, and the release of nothing
// would still be charged.
const leastShare = 0.01

// UnitSigma is the noise multiplier of the one Gaussian release that would spend all
// that is left.
func (b *Budget) UnitSigma() (float64, error) { return b.tableNoise(1, 1) }

// Calibrate sets the noise of a run that will release r: for the tables their
// shares of what is left, for the steps config's noise multiplier, or, if that
// is auto, the least with which all steps fit, and the number of steps that fit. So
// all parameters are fixed before the first release. Nothing is charged.
func (b *Budget) Calibrate(config Config, r *Releases) error {
	if err := b.refuseExhausted(); err != nil {
		return err
	}
	for k := range r.Counts {
		c := &r.Counts[k]
		if c.Count == 0 {
			continue
		}
		var err error
		if c.Noise, err = b.tableNoise(c.Count, c.Share); err != nil {
			return err
		}
	}
	switch {
	case r.Steps == 0:
		return b.calibrateCounts(r)
	case config.NoiseMultiplier != nil:
		var err error
		r.NoiseMultiplier = *config.NoiseMultiplier
		r.Affordable, err = b.steps(r.SampleRate, r.NoiseMultiplier, r.Steps, r.Events()...)
		return err
	}
	var err error
	r.Affordable = r.Steps
	r.NoiseMultiplier, err = b.Noise(r.SampleRate, r.Steps, r.Events()...)
	if err == nil && math.IsInf(r.NoiseMultiplier, 0) {
		err = fmt.Errorf("%w: no finite noise multiplier fits", ErrBudget)
	}
	return err
}

// calibrateCounts raises the noise of tables that take the whole budget until they fit:
// as many Gaussians as one, by the book, but the accountant rounds up each.
func (b *Budget) calibrateCounts(r *Releases) error {
	const step, tries = 1.0005, 400
	for range tries {
		if err := b.admits(r.Events()); !errors.Is(err, ErrBudget) {
			return err
		}
		for k := range r.Counts {
			r.Counts[k].Noise *= step
		}
	}
	count := 0
	for _, c := range r.Counts {
		count += c.Count
	}
	return fmt.Errorf("%w: %d tables do not fit", ErrBudget, count)
}

// refuseExhausted refuses, as an ErrBudget that says what is left, a ceiling below
// which next to nothing is left.
func (b *Budget) refuseExhausted() error {
	for _, l := range b.ceilings {
		left, err := b.left(l)
		if err != nil {
			return err
		}
		if left < leastShare*math.Min(l.epsilon, b.ceilings[0].epsilon) {
			return fmt.Errorf("%w: %s=%g: %.4g of it is spent and %.4g is left (δ=%g), too little for a run: raise it if more may be released",
				ErrBudget, l.name, l.epsilon, l.epsilon-left, left, l.delta)
		}
	}
	return nil
}
