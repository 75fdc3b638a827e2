package accounting

import (
	"fmt"
	"math"
)

// Mechanism names how a release was randomised.
type Mechanism string

// The mechanisms an Event can name. The noise multiplier is the noise parameter divided by the sensitivity of
// the released quantity to adding or removing one row.
const (
	// PoissonGaussian is one DP-SGD step: rows enter by their own coin of probability SampleRate, the clipped
	// sum gets Gaussian noise of standard deviation NoiseMultiplier · sensitivity.
	PoissonGaussian Mechanism = "poisson_gaussian"
	// Gaussian is a release over all rows with Gaussian noise, NoiseMultiplier = σ/sensitivity.
	Gaussian Mechanism = "gaussian"
	// DiscreteGaussian is a count (an integer of sensitivity 1) with discrete Gaussian noise of parameter
	// σ = NoiseMultiplier.
	DiscreteGaussian Mechanism = "discrete_gaussian"
	// Laplace is a release with Laplace noise of scale NoiseMultiplier · sensitivity; it is 1/NoiseMultiplier-DP.
	Laplace Mechanism = "laplace"
	// DiscreteLaplace is its integer twin, P(x) ∝ exp(−|x|/(NoiseMultiplier · sensitivity)).
	DiscreteLaplace Mechanism = "discrete_laplace"
	// EpsilonDelta is any (Epsilon, Delta)-DP release of which nothing more is known.
	EpsilonDelta Mechanism = "epsilon_delta"
	// PartitionSelection is the discovery of categories, charged as its (Epsilon, Delta).
	PartitionSelection Mechanism = "partition_selection"
)

// Bounds of what the accountants can represent. Below the first a Gaussian hides nothing (ε > 1e5 a release);
// above the second the exact mass function of a discrete Gaussian has too many atoms.
const (
	minNoiseMultiplier         = 1e-3
	maxDiscreteNoiseMultiplier = 1e6
	maxCount                   = 1 << 40
)

// Event is one kind of release, made Count times. Only the fields of its mechanism may be set.
type Event struct {
	Mechanism       Mechanism `json:"mechanism"`
	NoiseMultiplier float64   `json:"noise_multiplier,omitempty"` // noise parameter / sensitivity
	SampleRate      float64   `json:"sample_rate,omitempty"`      // probability of a row to enter; PoissonGaussian only
	Epsilon         float64   `json:"epsilon,omitempty"`          // of one release; EpsilonDelta and PartitionSelection
	Delta           float64   `json:"delta,omitempty"`            // of one release; EpsilonDelta and PartitionSelection
	Count           int       `json:"count"`                      // releases, each on the same rows
	Stage           string    `json:"stage,omitempty"`            // part of the run that pays, e.g. "marginals"
	Purpose         string    `json:"purpose,omitempty"`          // what was learnt, e.g. "1-way table of age"
}

// validate reports an event that the accountants cannot charge rightly: an unknown mechanism, a parameter out
// of range, or one that the mechanism does not have. A count of zero is an error, because a forgotten count
// would cost nothing.
func (e Event) validate() error {
	if e.Count < 1 || e.Count > maxCount {
		return fmt.Errorf("accounting: count=%d: must be between 1 and %d; leave out what was not released", e.Count, maxCount)
	}
	switch e.Mechanism {
	case EpsilonDelta, PartitionSelection:
		return e.validateEpsilonDelta()
	case PoissonGaussian, Gaussian, DiscreteGaussian, Laplace, DiscreteLaplace:
		return e.validateNoise()
	}
	return fmt.Errorf("accounting: mechanism=%q: unknown; "+
		"use poisson_gaussian, gaussian, discrete_gaussian, laplace, discrete_laplace, epsilon_delta or partition_selection", e.Mechanism)
}

func (e Event) validateEpsilonDelta() error {
	switch {
	case e.NoiseMultiplier != 0 || e.SampleRate != 0:
		return fmt.Errorf("accounting: mechanism=%s: takes epsilon and delta only; leave noise_multiplier and sample_rate out", e.Mechanism)
	case !(e.Epsilon >= 0) || math.IsInf(e.Epsilon, 1):
		return fmt.Errorf("accounting: epsilon=%v: must be finite and not negative", e.Epsilon)
	case !(e.Delta >= 0 && e.Delta < 1):
		return fmt.Errorf("accounting: delta=%v: must be in [0, 1)", e.Delta)
	case e.Epsilon == 0 && e.Delta == 0:
		return fmt.Errorf("accounting: mechanism=%s: epsilon and delta are both 0; a release costs something, state what", e.Mechanism)
	}
	return nil
}

func (e Event) validateNoise() error {
	if e.Epsilon != 0 || e.Delta != 0 {
		return fmt.Errorf("accounting: mechanism=%s: is charged by its noise_multiplier; leave epsilon and delta out", e.Mechanism)
	}
	if !(e.NoiseMultiplier >= minNoiseMultiplier) || math.IsInf(e.NoiseMultiplier, 1) {
		return fmt.Errorf("accounting: noise_multiplier=%v: must be finite and at least %g; less hides nothing", e.NoiseMultiplier,
			minNoiseMultiplier)
	}
	if e.Mechanism == DiscreteGaussian && e.NoiseMultiplier > maxDiscreteNoiseMultiplier {
		return fmt.Errorf("accounting: noise_multiplier=%v: must be at most %g for discrete_gaussian", e.NoiseMultiplier,
			float64(maxDiscreteNoiseMultiplier))
	}
	if e.Mechanism == PoissonGaussian {
		if !(e.SampleRate > 0 && e.SampleRate <= 1) {
			return fmt.Errorf("accounting: sample_rate=%v: must be in (0, 1]", e.SampleRate)
		}
		return nil
	}
	if e.SampleRate != 0 {
		return fmt.Errorf("accounting: sample_rate=%v: mechanism %s sees all rows; only poisson_gaussian is sampled", e.SampleRate, e.Mechanism)
	}
	return nil
}
