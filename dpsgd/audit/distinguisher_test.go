package audit

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// normals are n scores of unit variance around mean.
func normals(seed uint64, n int, mean float64) []float64 {
	draw := device.Draw{Seed: seed}
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(draw.Normal(i)) + mean
	}
	return out
}

// With all of n steps guessed right, TPR_lb = 0.025^(1/n) and FPR_ub = 1 − that.
func TestConfusionEpsilonOfPerfectGuesses(t *testing.T) {
	const n = 1000
	low := math.Pow(0.025, 1.0/n)
	near(t, "δ=0", confusion{n, n, 0, n}.epsilon(0, 0.05), math.Log(low/(1-low)))
	near(t, "δ=0.1", confusion{n, n, 0, n}.epsilon(0.1, 0.05), math.Log((low-0.1)/(1-low)))
	if e := (confusion{n / 2, n, n / 2, n}).epsilon(0, 0.05); e != 0 {
		t.Errorf("a test that knows nothing proves ε=%g", e)
	}
	if a, b := (confusion{10, n, 0, n}).epsilon(0, 0.05), (confusion{n, n, n - 10, n}).epsilon(0, 0.05); math.Abs(a-b) > 1e-9 {
		t.Errorf("the two sides of a test must count alike: %g and %g", a, b)
	}
}

// Randomised response at ε=1 is the tightest case: a 0/1 score whose likelihood
// ratio is e^ε everywhere. The bound may exceed ε in 5 % of the simulations; 400
// of them give 20 ± 4.4, and 38 is 4 standard deviations beyond.
func TestTwoWorldsRarelyExceedsTheTruth(t *testing.T) {
	const epsilon, n, simulations = 1.0, 1000, 400
	truth := 1 / (1 + math.Exp(-epsilon))
	u := &uniforms{draw: device.Draw{Seed: 5}}
	answers := func(p float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			if u.next() < p {
				out[i] = 1
			}
		}
		return out
	}
	alarms, total := 0, 0.0
	for range simulations {
		e := twoWorldsEpsilon(answers(truth), answers(1-truth), 0, confidence)
		total += e
		if e > epsilon {
			alarms++
		}
	}
	t.Logf("%d of %d above the truth, mean bound %.3f", alarms, simulations, total/simulations)
	if alarms > 38 {
		t.Errorf("%d of %d bounds above the true ε, at most 5 %% expected", alarms, simulations)
	}
	if total/simulations < 0.6*epsilon {
		t.Errorf("mean bound %.3f of ε=1: the bound has no power", total/simulations)
	}
}

// Two normals a distance of 4 apart cannot be (ε, δ) with ε below about 15; the
// bound from 10⁴ scores must see a good part, and nothing where they are equal.
func TestTwoWorldsSeesADistance(t *testing.T) {
	if e := twoWorldsEpsilon(normals(1, 10_000, 4), normals(2, 10_000, 0), 1e-5, confidence); e < 4 {
		t.Errorf("distance 4 proves only ε=%g", e)
	}
	if e := twoWorldsEpsilon(normals(3, 10_000, 0), normals(4, 10_000, 0), 1e-5, confidence); e > 0.5 {
		t.Errorf("equal scores prove ε=%g", e)
	}
}
