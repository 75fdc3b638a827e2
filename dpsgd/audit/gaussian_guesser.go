package audit

import (
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"gonum.org/v1/gonum/mathext"
)

// oneRunMu is the lower bound on μ when, of m canaries each present with probability ½,
// right of r guesses were right, all in one run of a mechanism whose trade-off curve is
// nowhere below that of μ-Gaussian DP: the largest μ that is rejected at level alpha
// (Mahloujifar, Melis, Chaudhuri 2024, arXiv 2410.22235, algorithm 3). It looks at the
// whole curve, where oneRunEpsilon looks at one point of it.
func oneRunMu(m, r, right int, alpha float64) float64 {
	return largestRejected(func(mu float64) bool { return gaussianRejected(m, r, right, mu, alpha) })
}

// gaussianRejected reports whether μ-Gaussian DP gives right or more right guesses a
// probability of at most alpha. Suppose it is alpha. Let pⱼ be the probability of j right
// ones, hits = Σ_{j≥i} pⱼ·j/m, that a canary is guessed rightly and so are i−1 others or
// more, and misses the same with Σ pⱼ(r−j)/m. A canary that was in had as well been out, so
//
//	missesᵢ ≥ Φ(Φ⁻¹(hitsᵢ₊₁) − μ),   hitsᵢ = hitsᵢ₊₁ + i/(r−i)·(missesᵢ − missesᵢ₊₁),
//
// from i = right, where they are alpha·right/m and alpha·(r−right)/m, down to 0, where
// they are r/m together: a bound above that is a contradiction.
func gaussianRejected(m, r, right int, mu, alpha float64) bool {
	guesses := float64(r) / float64(m)
	hits := alpha * float64(right) / float64(m)
	misses := alpha * float64(r-right) / float64(m)
	for i := right - 1; i >= 0; i-- {
		more := math.Max(misses, normalCDF(mathext.NormalQuantile(hits)-mu))
		hits = math.Min(1, hits+float64(i)/float64(r-i)*(more-misses))
		misses = more
	}
	return hits+misses > guesses
}

func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// gaussianFamily are trade-off curves of Gaussian DP that stand for those of a run, at
// all levels of noise.
type gaussianFamily struct {
	delta   float64
	stretch float64 // by which μ is larger than that of the same ε at delta
}

// newGaussianFamily are the curves of runs that cost as event does. A run that takes every record
// at each step is exactly such a curve. Of others the loss has a longer tail than a
// normal: one of the same (ε, δ) lies above them in the middle, as a rule. stretch sees
// to it at ε, ε/2 and 0.
func newGaussianFamily(event accounting.Event, epsilon, delta float64) (gaussianFamily, error) {
	g := gaussianFamily{delta: delta, stretch: 1}
	if event.SampleRate == 1 || epsilon == 0 {
		return g, nil
	}
	least, err := g.mu(epsilon)
	if err != nil {
		return g, err
	}
	for _, e := range []float64{epsilon / 2, 0} {
		d, err := accounting.PLD.Delta([]accounting.Event{event}, e)
		if err != nil {
			return g, err
		}
		mu, err := gaussianFamily{delta: d, stretch: 1}.mu(e)
		if err != nil {
			return g, err
		}
		g.stretch = math.Max(g.stretch, mu/least)
	}
	return g, nil
}

// gaussian is one release of noise multiplier 1/mu.
func gaussian(mu float64) []accounting.Event {
	return []accounting.Event{{Mechanism: accounting.Gaussian, NoiseMultiplier: 1 / mu, Count: 1}}
}

// mu is the curve's that costs (epsilon, delta).
func (g gaussianFamily) mu(epsilon float64) (float64, error) {
	low, high := 1e-9, 64.0
	for range 60 {
		middle := (low + high) / 2
		d, err := accounting.PLD.Delta(gaussian(middle), epsilon)
		if err != nil {
			return 0, err
		}
		if d <= g.delta {
			low = middle
		} else {
			high = middle
		}
	}
	return high * g.stretch, nil
}

// epsilon is what a run costs whose curve is that of mu.
func (g gaussianFamily) epsilon(mu float64) (float64, error) {
	if mu == 0 {
		return 0, nil
	}
	return accounting.PLD.Epsilon(gaussian(mu/g.stretch), g.delta)
}
