package accounting

import (
	"math"
	"testing"
)

// What a filter grants beside selections that draw all of their part of δ keeps its
// total by PLD too, noise and steps alike, and hardly less noise would not.
func TestWhatAFilterGrantsKeepsItsTotal(t *testing.T) {
	for _, c := range []struct{ epsilon, delta float64 }{{1, 1e-5}, {3, 1e-6}, {0.3, 1e-9}} {
		f, err := NewFilter(c.epsilon, c.delta, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		prior := []Event{{Mechanism: PartitionSelection, Delta: 0.5 * c.delta / 4, Count: 4}}
		sigma, err := f.GaussianNoise(prior)
		if err != nil {
			t.Fatal(err)
		}
		granted := append(prior, Event{Mechanism: Gaussian, NoiseMultiplier: sigma, Count: 1})
		spent := epsilonOf(t, PLD, granted, c.delta)
		if spent > c.epsilon*(1+1e-6) || spent < 0.99*c.epsilon {
			t.Errorf("ε=%g, δ=%g: what was granted costs %g", c.epsilon, c.delta, spent)
		}
		drawn, err := f.Epsilon(granted)
		if err != nil || drawn > c.epsilon || drawn < spent*(1-1e-6) {
			t.Errorf("ε=%g, δ=%g: %g is stated of what costs %g: %v", c.epsilon, c.delta, drawn, spent, err)
		}
	}
}

// A release that is ε-DP is dominated, at each ε′ ≥ 0, by the Gaussian that it draws:
// its curve is at most (e^ε−e^ε′)/(1+e^ε), that of a coin that lies with 1/(1+e^ε).
func TestPureReleasesLieBelowTheirGaussian(t *testing.T) {
	f := newTestFilter(t, 1, 1e-5)
	for _, epsilon := range []float64{1e-3, 0.05, 0.5, 2, 8} {
		for _, e := range []Event{
			{Mechanism: Laplace, NoiseMultiplier: 1 / epsilon, Count: 1}, {Mechanism: DiscreteLaplace, NoiseMultiplier: 1 / epsilon, Count: 1},
			{Mechanism: EpsilonDelta, Epsilon: epsilon, Count: 1}, {Mechanism: PartitionSelection, Epsilon: epsilon, Delta: 1e-7, Count: 1},
		} {
			p, err := f.cost([]Event{e})
			if err != nil || p.delta != e.Delta {
				t.Errorf("%s draws δ=%g, not %g: %v", e.Mechanism, p.delta, e.Delta, err)
			}
			for k := range 100 {
				at := epsilon * float64(k) / 100
				coin := (math.Exp(epsilon) - math.Exp(at)) / (1 + math.Exp(epsilon))
				if got := gaussianDelta(math.Sqrt(p.muSquared), at); got < coin*(1-1e-9) {
					t.Errorf("%s of ε=%g: at %g its Gaussian has δ=%g, a coin %g", e.Mechanism, epsilon, at, got, coin)
				}
			}
		}
	}
}

// A Gaussian that was found numerically holds up to a δ₀, which is drawn: a part of δ
// that covers one is too small for two.
func TestNumericBoundsDrawTheirDelta(t *testing.T) {
	f, err := NewFilter(2, 1e-6, 1.5*numericShare)
	if err != nil {
		t.Fatal(err)
	}
	phases := []Event{steps(0.1, 4, 1), steps(0.1, 5, 1)}
	if epsilon, err := f.Epsilon(phases[:1]); err != nil || epsilon > 2 {
		t.Errorf("one phase draws %g, %v", epsilon, err)
	}
	if epsilon, err := f.Epsilon(phases); err != nil || !math.IsInf(epsilon, 1) {
		t.Errorf("two phases draw %g, %v", epsilon, err)
	}
}

// addedDelta is sampledDelta where the row is added.
func addedDelta(q, sigma, epsilon float64) float64 {
	if epsilon >= -math.Log1p(-q) {
		return 0
	}
	z := sigma*sigma*math.Log1p(math.Expm1(-epsilon)/q) + 0.5
	return normalCDF(z/sigma) - math.Exp(epsilon)*((1-q)*normalCDF(z/sigma)+q*normalCDF((z-1)/sigma))
}

// The Gaussian that a sampled step draws lies above its curve in either direction, up to
// slack, and touches one of them: it is no larger than it has to be.
func TestDominatorOfAStep(t *testing.T) {
	for _, c := range []struct{ q, sigma float64 }{{0.3, 2}, {0.01, 0.8}, {0.9, 3}, {0.5, 0.6}} {
		for _, slack := range []float64{1e-9, 1e-4} {
			mu, err := gaussianDominator(steps(c.q, c.sigma, 1), slack)
			if err != nil {
				t.Fatal(err)
			}
			tightest := math.Inf(1)
			for epsilon := 1e-3; epsilon < 15; epsilon *= 1.02 {
				delta := math.Max(sampledDelta(c.q, c.sigma, epsilon), addedDelta(c.q, c.sigma, epsilon))
				bound := slack + (1-slack)*gaussianDelta(mu, epsilon)
				if delta > bound*(1+1e-9) {
					t.Errorf("%+v, slack %g: δ(%g) = %g, above %g of μ = %g", c, slack, epsilon, delta, bound, mu)
				}
				tightest = math.Min(tightest, bound/delta)
			}
			if tightest > 1.1 { // what the grid adds
				t.Errorf("%+v, slack %g: μ = %g lies above all of the curve by %.3g", c, slack, mu, tightest)
			}
		}
	}
}

// Where a curve stays above the slack for ever, no Gaussian lies above it.
func TestNoGaussianDominatesWhatIsInfinite(t *testing.T) {
	curve := []float64{0.1, 0.02, 2e-6}
	for slack, infinite := range map[float64]bool{1e-6: true, 3e-6: false} {
		mu, err := dominate(curve, curve, 0.1, slack)
		if err != nil || math.IsInf(mu, 1) != infinite || mu <= 0 {
			t.Errorf("slack %g: μ = %g, %v", slack, mu, err)
		}
	}
}

// The curve is δ at each grid point, with all that the composition may be off by.
func TestCurveIsTheDeltaOfEachPoint(t *testing.T) {
	for _, low := range []int{-3, 0, 2} {
		composed := tilted{h: 0.1, theta: 1.5, logMGF: 0.2, low: low, mass: []float64{0.1, 0.3, 0.2, 0.2, 0.1, 0.1}, infinite: 1e-3, slack: 1e-4}
		curve := composed.curve()
		if len(curve) != low+6 {
			t.Errorf("%d points from %d on", len(curve), low)
		}
		for i, got := range curve {
			if want := composed.delta(float64(i) * composed.h); math.Abs(got/want-1) > 1e-9 {
				t.Errorf("from %d on: δ(%g) is %g, by the curve %g", low, float64(i)*composed.h, want, got)
			}
		}
	}
}
