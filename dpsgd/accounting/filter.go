package accounting

import (
	"errors"
	"fmt"
	"math"
)

// Filter is a total that releases may draw on one after the other, each with
// parameters that may depend on all that was released before: another run's noise,
// the number of tables, a sample rate from a noisy count. Composing privacy loss
// distributions is no such filter: asked after each release whether the next one
// fits, it lets twice δ through (TestPLDIsNoFilter).
//
// Its currency is Gaussian DP. Each event is μ-Gaussian DP up to some δᵢ (see
// mu), and releases chosen adaptively stay √B-Gaussian DP as long as Σμ² ≤ B for a B
// that was fixed before the first (Smith, Thakurta 2022, arXiv:2210.17520; Koskela,
// Tobaben, Honkela 2022, arXiv:2209.15596). So B and a bound Δ of Σδᵢ are fixed by
// the total: Δ is a share of δ, and √B the largest μ whose Gaussian is (ε, δ−Δ)-DP. A
// sum Σδᵢ that could trade with Σμ² would be no filter.
//
// The guarantee of a filter is its total, not what was drawn: when to stop may have
// depended on what was seen.
type Filter struct {
	epsilon, delta float64
	reserved       float64 // Δ
	maxMu          float64 // √B
	costs          map[Event]filterCost
}

// numericShare is the δ₀ of an event whose Gaussian is found numerically, over δ.
const numericShare = 1e-3

// errReserved is wrapped where the δᵢ of events exceed their part of the total.
var errReserved = errors.New("delta of selections and of numeric bounds")

// filterCost is what events draw from a filter: they are μ-Gaussian DP up to delta.
type filterCost struct{ muSquared, delta float64 }

// NewFilter makes a filter of the total (epsilon, delta), of whose δ the share reserved
// is for what is no Gaussian: selections, and bounds that are found numerically.
func NewFilter(epsilon, delta, reserved float64) (*Filter, error) {
	if err := checkTarget(epsilon, delta); err != nil {
		return nil, err
	}
	if !(reserved >= 0 && reserved < 1) {
		return nil, fmt.Errorf("accounting: reserved=%v: must be in [0, 1)", reserved)
	}
	f := &Filter{epsilon: epsilon, delta: delta, reserved: reserved * delta, costs: map[Event]filterCost{}}
	f.maxMu = gaussianMu(epsilon, delta-f.reserved) * (1 - 1e-9) // from below
	return f, nil
}

// cost adds up what events draw.
func (f *Filter) cost(events []Event) (filterCost, error) {
	var sum filterCost
	for _, e := range events {
		p, err := f.eventCost(e)
		if err != nil {
			return sum, err
		}
		sum.muSquared += p.muSquared
		sum.delta += p.delta
	}
	return sum, nil
}

// eventCost is that of one event, all its releases together.
//
// A Gaussian of noise multiplier σ has μ = 1/σ. A release that is ε-DP has μ =
// 2Φ⁻¹(e^ε/(1+e^ε)): the trade-off curve of that μ meets the corner of the one of
// ε-DP and lies below it else. What is (ε, δ)-DP is so up to δ. Of any other, the
// Gaussian is found numerically (gaussianDominator).
func (f *Filter) eventCost(e Event) (filterCost, error) {
	e.Stage, e.Purpose = "", ""
	if p, ok := f.costs[e]; ok {
		return p, nil
	}
	if err := e.validate(); err != nil {
		return filterCost{}, err
	}
	count := float64(e.Count)
	p := filterCost{delta: count * e.Delta}
	switch {
	case e.Mechanism == Gaussian || e.Mechanism == PoissonGaussian && e.SampleRate == 1:
		p.muSquared = count / (e.NoiseMultiplier * e.NoiseMultiplier)
	case e.Mechanism == Laplace, e.Mechanism == DiscreteLaplace:
		p.muSquared = count * squareOfPure(1/e.NoiseMultiplier)
	case e.Mechanism == EpsilonDelta, e.Mechanism == PartitionSelection:
		p.muSquared = count * squareOfPure(e.Epsilon)
	default:
		p.delta = numericShare * f.delta
		mu, err := gaussianDominator(e, p.delta)
		if err != nil {
			return filterCost{}, err
		}
		p.muSquared = mu * mu
	}
	f.costs[e] = p
	return p, nil
}

// squareOfPure is μ² of an ε-DP release.
func squareOfPure(epsilon float64) float64 {
	if epsilon == 0 {
		return 0
	}
	target := -softplus(epsilon) // ln Φ(−μ/2)
	low, high := 0.0, 1.0
	for logNormalCDF(-high/2) > target {
		low, high = high, 2*high
	}
	for range 200 {
		if middle := low + (high-low)/2; logNormalCDF(-middle/2) > target {
			low = middle
		} else {
			high = middle
		}
	}
	return high * high * (1 + 1e-9)
}

// Epsilon is what events have drawn: the ε, at the filter's δ, of the Gaussian that
// they amount to; +Inf where their δᵢ exceed the part reserved for them. While it is
// at most the total's ε, the filter's guarantee holds.
func (f *Filter) Epsilon(events []Event) (float64, error) {
	p, err := f.cost(events)
	if err != nil {
		return 0, err
	}
	switch {
	case p.muSquared == 0 && p.delta == 0:
		return 0, nil
	case p.delta > f.reserved*(1+1e-9) || math.IsInf(p.muSquared, 1):
		return math.Inf(1), nil
	}
	mu := math.Sqrt(p.muSquared)
	if mu <= f.maxMu && gaussianEpsilonOf(mu, f.delta-f.reserved) > f.epsilon {
		return f.epsilon, nil // rounding alone
	}
	return gaussianEpsilonOf(mu, f.delta-f.reserved), nil
}

// left is what μ² may still be drawn beside prior, and whether a numeric bound fits.
func (f *Filter) left(prior []Event, numeric bool) (float64, error) {
	p, err := f.cost(prior)
	if err != nil {
		return 0, err
	}
	if numeric {
		p.delta += numericShare * f.delta
	}
	if p.delta > f.reserved*(1+1e-9) {
		return 0, fmt.Errorf("accounting: %w: %w: they take δ=%.3g, of %.3g reserved: no further selection or DP-SGD fits",
			ErrUnreachable, errReserved, p.delta, f.reserved)
	}
	left := f.maxMu*f.maxMu - p.muSquared
	if !(left > 0) {
		return 0, fmt.Errorf("accounting: %w: nothing is left of epsilon=%g, delta=%g", ErrUnreachable, f.epsilon, f.delta)
	}
	return left, nil
}

// GaussianNoise returns the noise multiplier of the one Gaussian release that draws
// all that prior leaves.
func (f *Filter) GaussianNoise(prior []Event) (float64, error) {
	left, err := f.left(prior, false)
	if err != nil {
		return 0, err
	}
	return math.Max(minNoiseMultiplier, (1+1e-12)/math.Sqrt(left)), nil
}

// NoiseMultiplier returns the least noise multiplier, within 1e-3 relative and from
// above, at which steps DP-SGD steps of the given sample rate fit beside prior.
func (f *Filter) NoiseMultiplier(prior []Event, sampleRate float64, steps int) (float64, error) {
	left, err := f.left(prior, sampleRate < 1)
	if err != nil {
		return 0, err
	}
	fits := func(sigma float64) (bool, error) {
		p, err := f.eventCost(Event{Mechanism: PoissonGaussian, SampleRate: sampleRate, NoiseMultiplier: sigma, Count: steps})
		return p.muSquared <= left, err
	}
	low, high := 0.5, 1.0
	for {
		ok, err := fits(high)
		if err != nil {
			return 0, err
		}
		if ok {
			break
		}
		if low, high = high, 2*high; high > maxNoiseMultiplier {
			return 0, fmt.Errorf("accounting: %w: epsilon=%g, delta=%g does not pay for %d steps, with a noise_multiplier of %g",
				ErrUnreachable, f.epsilon, f.delta, steps, maxNoiseMultiplier)
		}
	}
	for high == 2*low && low > minNoiseMultiplier { // from above: little noise takes wide grids
		ok, err := fits(low)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		low, high = low/2, low
	}
	for high > low*(1+1e-3) {
		middle := math.Sqrt(low * high)
		ok, err := fits(middle)
		if err != nil {
			return 0, err
		}
		if ok {
			high = middle
		} else {
			low = middle
		}
	}
	return high, nil
}

// Steps returns the largest number of DP-SGD steps, at most limit, that fit beside
// prior, as one event.
func (f *Filter) Steps(prior []Event, sampleRate, noiseMultiplier float64, limit int) (int, error) {
	left, err := f.left(prior, sampleRate < 1)
	if err != nil {
		return 0, err
	}
	low, high := 0, limit+1
	for t := limit; high-low > 1; t = low + (high-low)/2 {
		p, err := f.eventCost(Event{Mechanism: PoissonGaussian, SampleRate: sampleRate, NoiseMultiplier: noiseMultiplier, Count: t})
		if err != nil {
			return 0, err
		}
		if p.muSquared <= left {
			low = t
		} else {
			high = t
		}
	}
	return low, nil
}
