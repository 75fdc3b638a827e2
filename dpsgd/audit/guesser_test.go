package audit

import (
	"context"
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Without δ the p-value is the binomial tail: with all r guesses right,
// ε = logit(0.05^{1/r}); with v right, logit of the Clopper–Pearson bound.
func TestOneRunEpsilonWithoutDelta(t *testing.T) {
	logit := func(p float64) float64 { return math.Log(p / (1 - p)) }
	near(t, "all of 100", oneRunEpsilon(1000, 100, 100, 0, 0.05), logit(math.Pow(0.05, 0.01)))
	near(t, "80 of 100", oneRunEpsilon(1000, 100, 80, 0, 0.05), logit(lowerProportion(80, 100, 0.05)))
	if e := oneRunEpsilon(1000, 100, 50, 0, 0.05); e != 0 {
		t.Errorf("half of the guesses right proves ε=%g", e)
	}
}

// The formula, spelt out for 2 guesses of which both are right: β = p², and
// max{Pr[X=1], Pr[X≤1]/2} = max{2p(1−p), (1−p²)/2}.
func TestOneRunPValueOfTwo(t *testing.T) {
	for _, epsilon := range []float64{0, 0.5, 2} {
		p := 1 / (1 + math.Exp(-epsilon))
		want := p*p + 2*10*1e-3*math.Max(2*p*(1-p), (1-p*p)/2)
		near(t, "p", oneRunPValue(10, 2, 2, epsilon, 1e-3), want)
	}
}

// More right guesses prove more, more canaries and a larger δ prove less.
func TestOneRunEpsilonIsMonotone(t *testing.T) {
	last := -1.0
	for right := 50; right <= 100; right += 5 {
		e := oneRunEpsilon(1000, 100, right, 1e-5, 0.05)
		if e < last {
			t.Errorf("%d right prove %g, fewer proved %g", right, e, last)
		}
		last = e
	}
	if few, many := oneRunEpsilon(100, 100, 90, 1e-4, 0.05), oneRunEpsilon(10_000, 100, 90, 1e-4, 0.05); many > few {
		t.Errorf("10,000 canaries prove %g, 100 prove %g", many, few)
	}
	if small, large := oneRunEpsilon(1000, 100, 90, 1e-6, 0.05), oneRunEpsilon(1000, 100, 90, 1e-4, 0.05); large > small {
		t.Errorf("δ=1e-4 proves %g, δ=1e-6 proves %g", large, small)
	}
}

// Randomised response of every canary at ε=1 is the worst case of the theorem. At
// most 5 % of the simulations may exceed it: 400 give 20 ± 4.4.
func TestOneRunRarelyExceedsTheTruth(t *testing.T) {
	const epsilon, m, simulations = 1.0, 200, 400
	u := &uniforms{draw: device.Draw{Seed: 9}}
	alarms := 0
	for range simulations {
		right := 0
		for range m {
			if u.next() < 1/(1+math.Exp(-epsilon)) {
				right++
			}
		}
		if oneRunEpsilon(m, m, right, 0, confidence) > epsilon {
			alarms++
		}
	}
	t.Logf("%d of %d above the truth", alarms, simulations)
	if alarms > 38 || alarms == 0 {
		t.Errorf("%d of %d bounds above the true ε, about 5 %% expected", alarms, simulations)
	}
}

// The plain mechanism at q=0.01, σ=1, T=1000 claims 1.83: right code shows a good
// part of it, a quarter of the noise far more than all of it.
func TestOneRunSeesAQuarterOfTheNoise(t *testing.T) {
	seed := uint64(3)
	config := Config{SampleRate: 0.01, NoiseMultiplier: 1, MaxGradNorm: 1, Delta: 1e-5, Steps: 1000, Seed: &seed,
		Effort: Effort{Canaries: 1000, RunSteps: 1000}}
	for bug, pass := range map[Bug]bool{noBug: true, quarterNoise: false} {
		r, err := oneRun(context.Background(), testAuditor(t, planted{bug}, config))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: claimed %.3f, at least %.3f (%s)", bug, *r.Claim, *r.LowerBound, r.Detail)
		if r.Passed != pass {
			t.Errorf("%s: passed=%v with a bound of %g and a claim of %g", bug, r.Passed, *r.LowerBound, *r.Claim)
		}
	}
}
