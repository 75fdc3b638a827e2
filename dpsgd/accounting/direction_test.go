package accounting

import (
	"math"
	"testing"
)

// Removing a row and adding one are two questions, and each gets its own answer, that
// of the closed form of one step (Koskela, Jälkö, Honkela 2020, arXiv:1906.03049): for
// sampled steps the first is the larger, so that the second never shows in ε.
func TestBothDirectionsAreAnswered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ q, sigma, delta float64 }{{0.1, 1, 1e-3}, {0.3, 0.8, 1e-4}, {0.5, 2, 1e-5}, {0.9, 3, 1e-6}} {
		q, sigma := c.q, c.sigma
		phi := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
		remove := func(epsilon float64) float64 {
			z := sigma*sigma*math.Log(1+math.Expm1(epsilon)/q) + 0.5
			return (1-q)*phi(-z/sigma) + q*phi((1-z)/sigma) - math.Exp(epsilon)*phi(-z/sigma)
		}
		add := func(epsilon float64) float64 {
			if epsilon >= -math.Log(1-q) {
				return 0
			}
			z := sigma*sigma*math.Log(1+math.Expm1(-epsilon)/q) + 0.5
			return phi(z/sigma) - math.Exp(epsilon)*((1-q)*phi(z/sigma)+q*phi((z-1)/sigma))
		}
		step := newComposition([]Event{{Mechanism: PoissonGaussian, SampleRate: q, NoiseMultiplier: sigma, Count: 1}})
		got := step.boundOnGrid(step.finest(), c.delta, nil)
		for side, delta := range []func(float64) float64{remove, add} {
			low, high := 0.0, 100.0
			for range 100 {
				if middle := (low + high) / 2; delta(middle) > c.delta {
					low = middle
				} else {
					high = middle
				}
			}
			if got.epsilon[side] < low-1e-9 || got.epsilon[side] > high+finestWidth {
				t.Errorf("q=%g σ=%g δ=%g, direction %d: ε = %v, exact %v", q, sigma, c.delta, side, got.epsilon[side], high)
			}
		}
		if got.larger() != math.Max(got.epsilon[0], got.epsilon[1]) || got.epsilon[0] <= got.epsilon[1] {
			t.Errorf("q=%g σ=%g: %v, of which %v", q, sigma, got.epsilon, got.larger())
		}
	}
}
