package accounting

import (
	"fmt"
	"math"
)

// Noise multipliers are searched on the lattice e^{k·noiseStep}, which is the relative precision of the answer.
const (
	noiseStep          = 5e-5
	maxNoiseMultiplier = 1e6
)

// NoiseMultiplier returns the smallest noise multiplier, within 1e-4 relative and from above, at which steps DP-SGD
// steps of the given sample rate on top of prior are (epsilon, delta)-DP.
func (a Accountant) NoiseMultiplier(prior []Event, sampleRate float64, steps int, epsilon, delta float64) (float64, error) {
	return a.noise(prior, Event{Mechanism: PoissonGaussian, SampleRate: sampleRate, Count: steps}, epsilon, delta)
}

// GaussianNoise returns the smallest noise multiplier, within 1e-4 relative and from above, for which count Gaussian
// releases on top of prior are (epsilon, delta)-DP.
func (a Accountant) GaussianNoise(prior []Event, count int, epsilon, delta float64) (float64, error) {
	return a.noise(prior, Event{Mechanism: Gaussian, Count: count}, epsilon, delta)
}

// noise returns the smallest noise multiplier, within 1e-4 relative and from above, at which release on top of prior
// is (epsilon, delta)-DP. The noise multiplier of release is not looked at. Without a noise multiplier that reaches
// the target, the error wraps ErrUnreachable.
func (a Accountant) noise(prior []Event, release Event, epsilon, delta float64) (float64, error) {
	if err := checkTarget(epsilon, delta); err != nil {
		return 0, err
	}
	noise := func(t int) float64 { return math.Exp(-float64(t) * noiseStep) }
	least := -int(math.Floor(math.Log(maxNoiseMultiplier) / noiseStep))
	most := -int(math.Ceil(math.Log(minNoiseMultiplier) / noiseStep))
	base, err := a.compose(prior)
	if err != nil {
		return 0, err
	}
	t, err := search(least, most, epsilon, delta, func(t int) (totalLoss, error) {
		release.NoiseMultiplier = noise(t)
		more, err := a.compose([]Event{release})
		if err != nil {
			return totalLoss{}, err
		}
		return repeated(base, more, 1), nil
	})
	if err != nil {
		return 0, fmt.Errorf("%w, with a noise_multiplier of %g", err, noise(least))
	}
	return noise(t), nil
}

// Steps returns the largest number of DP-SGD steps, at most limit, that on top of prior are (epsilon, delta)-DP. It
// is 0 where prior fits but no step does; where prior alone passes the target, the error wraps ErrUnreachable.
func (a Accountant) Steps(prior []Event, sampleRate, noiseMultiplier, epsilon, delta float64, limit int) (int, error) {
	if err := checkTarget(epsilon, delta); err != nil {
		return 0, err
	}
	if limit < 0 || limit > maxCount {
		return 0, fmt.Errorf("accounting: limit=%d: must be between 0 and %d", limit, maxCount)
	}
	step := Event{Mechanism: PoissonGaussian, SampleRate: sampleRate, NoiseMultiplier: noiseMultiplier, Count: 1}
	base, err := a.compose(prior)
	if err != nil {
		return 0, err
	}
	one, err := a.compose([]Event{step})
	if err != nil {
		return 0, err
	}
	return search(0, limit, epsilon, delta, func(t int) (totalLoss, error) { return repeated(base, one, t), nil })
}

func checkTarget(epsilon, delta float64) error {
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return fmt.Errorf("accounting: epsilon=%v: must be finite and > 0", epsilon)
	}
	return checkDelta(delta)
}

// repeated composes base with times copies of more, sharing the tables of both.
func repeated(base, more totalLoss, times int) totalLoss {
	switch {
	case base.curve != nil:
		curve := base.curve.clone()
		curve.addCurve(more.curve, times)
		return totalLoss{curve: curve}
	case base.composition == nil && more.composition == nil:
		return totalLoss{gaussian: math.Sqrt(base.gaussian*base.gaussian + float64(times)*more.gaussian*more.gaussian)}
	}
	composed := &composition{}
	composed.appendCopies(base, 1)
	composed.appendCopies(more, times)
	return totalLoss{composition: composed}
}

// appendCopies appends times copies of the releases of l.
func (c *composition) appendCopies(l totalLoss, times int) {
	if times == 0 {
		return
	}
	if l.composition == nil {
		if l.gaussian > 0 {
			c.releases = append(c.releases, gaussianRelease(l.gaussian*math.Sqrt(float64(times))))
		}
		return
	}
	for _, p := range l.composition.releases {
		copied := *p
		copied.count *= times
		c.releases = append(c.releases, &copied)
	}
	c.infinite = composeFailure(c.infinite, l.composition.infinite, times)
}
