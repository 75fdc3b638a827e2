package audit

import (
	"context"
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// Where nothing leaks (μ = 0) guesses are coins: what is rejected is no likelier than
// alpha by the binomial tail, and what is far less likely is rejected.
func TestNoLeakIsTheBinomialTail(t *testing.T) {
	const alpha = 0.025
	for _, r := range []int{10, 50, 200, 1000} {
		tail := 0.0
		mass := binomial(r, 0.5)
		for right := r; right > 0; right-- {
			tail += mass[right]
			rejected := gaussianRejected(2*r, r, right, 0, alpha)
			if rejected && tail > alpha {
				t.Errorf("%d of %d right: rejected, but with probability %g", right, r, tail)
			}
			if !rejected && tail < alpha/50 {
				t.Errorf("%d of %d right: not rejected, with probability %g", right, r, tail)
			}
		}
	}
}

// More right guesses prove more, and less confidence does.
func TestOneRunMuIsMonotone(t *testing.T) {
	last := -1.0
	for right := 50; right <= 100; right += 5 {
		mu := oneRunMu(1000, 100, right, 0.025)
		if mu < last {
			t.Errorf("%d right prove μ=%g, fewer proved %g", right, mu, last)
		}
		if sure := oneRunMu(1000, 100, right, 0.001); sure > mu {
			t.Errorf("%d right prove μ=%g with more confidence than %g", right, sure, mu)
		}
		last = mu
	}
	if mu := oneRunMu(1000, 100, 50, 0.025); mu != 0 {
		t.Errorf("half of the guesses right prove μ=%g", mu)
	}
}

// ε and μ of the family are the Gaussian mechanism's: at δ=1e-5 noise of 2 sensitivities
// costs 1.9931 (Balle, Wang 2018; to four digits).
func TestGaussianFamily(t *testing.T) {
	family, err := newGaussianFamily(accounting.Event{Mechanism: accounting.PoissonGaussian, NoiseMultiplier: 20,
		SampleRate: 1, Count: 100}, 1.9931, 1e-5)
	if err != nil {
		t.Fatal(err)
	}
	mu, err := family.mu(1.9931)
	if err != nil || math.Abs(mu-0.5) > 1e-4 {
		t.Errorf("μ=%g, want 0.5 (%v)", mu, err)
	}
	if epsilon, err := family.epsilon(mu); err != nil || math.Abs(epsilon-1.9931) > 1e-3 {
		t.Errorf("ε=%g, want 1.9931 (%v)", epsilon, err)
	}
}

// The curve that stands for sampled steps lies nowhere above theirs: its δ(ε) is larger
// at every ε from 0 to the claim.
func TestFamilyCoversSampledSteps(t *testing.T) {
	for _, event := range []accounting.Event{
		{NoiseMultiplier: 1, SampleRate: 0.01, Count: 1000}, {NoiseMultiplier: 2, SampleRate: 0.1, Count: 100},
		{NoiseMultiplier: 0.8, SampleRate: 0.001, Count: 100}, {NoiseMultiplier: 1, SampleRate: 0.2, Count: 1},
	} {
		event.Mechanism = accounting.PoissonGaussian
		const delta = 1e-5
		events := []accounting.Event{event}
		claim, err := accounting.PLD.Epsilon(events, delta)
		if err != nil {
			t.Fatal(err)
		}
		family, err := newGaussianFamily(event, claim, delta)
		if err != nil {
			t.Fatal(err)
		}
		mu, err := family.mu(claim)
		if err != nil {
			t.Fatal(err)
		}
		for _, share := range []float64{0.1, 0.4, 0.75, 0.9} {
			truth, err := accounting.PLD.Delta(events, share*claim)
			if err != nil {
				t.Fatal(err)
			}
			if curve, err := accounting.PLD.Delta(gaussian(mu), share*claim); err != nil || curve < truth*(1-1e-6) {
				t.Errorf("%+v: δ(%.3g) is %g, the curve has %g (%v)", event, share*claim, truth, curve, err)
			}
		}
	}
}

// Both bounds stay below the truth in 95 % of runs on mechanisms whose ε is known
// exactly: Gaussian releases of μ=½ and μ=1, all canaries or the surest guessed. Of 200
// runs 10 may exceed it; 29 come once in 10⁶ sets of them.
func TestOneRunBoundsStayBelowTheTruth(t *testing.T) {
	const m, runs, delta = 300, 200, 1e-5
	draw := device.Draw{Seed: 11}
	for _, mu := range []float64{0.5, 1} {
		family := gaussianFamily{delta: delta, stretch: 1}
		truth, err := family.epsilon(mu)
		if err != nil {
			t.Fatal(err)
		}
		for _, guesses := range []int{60, m} {
			alarms, highest := 0, 0.0
			for range runs {
				draw.Step++
				scores, present := make([]float64, m), make([]bool, m)
				for i := range scores {
					present[i] = draw.Uniform(i) < 0.5
					scores[i] = float64(draw.Normal(m + i))
					if present[i] {
						scores[i] += mu
					}
				}
				right := rightGuesses(scores, present, guesses)
				curve, err := family.epsilon(oneRunMu(m, guesses, right, confidence/2))
				if err != nil {
					t.Fatal(err)
				}
				bound := math.Max(curve, oneRunEpsilon(m, guesses, right, delta, confidence/2))
				highest = math.Max(highest, bound)
				if bound > truth {
					alarms++
				}
			}
			t.Logf("μ=%g, %d guesses: ε=%.3f, bounds up to %.3f, %d of %d above", mu, guesses, truth, highest, alarms, runs)
			if alarms > 28 || highest < truth/3 {
				t.Errorf("μ=%g, %d guesses: %d of %d bounds above the true ε=%g, the highest %g", mu, guesses, alarms, runs, truth, highest)
			}
		}
	}
}

// The curve shows more than the point at δ: on right code, and on a quarter of the noise,
// where at this claim the point alone would not do.
func TestTheCurveShowsMoreThanThePoint(t *testing.T) {
	seed := uint64(4)
	config := Config{SampleRate: 0.05, NoiseMultiplier: 1, MaxGradNorm: 1, Delta: 1e-5, Steps: 300, Seed: &seed,
		Effort: Effort{Canaries: 1000, RunSteps: 300}}
	for bug, pass := range map[Bug]bool{noBug: true, quarterNoise: false} {
		r, err := oneRun(context.Background(), testAuditor(t, planted{bug}, config))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: claimed %.3f, %s", bug, *r.Claim, r.Detail)
		if r.Passed != pass || *r.Curve < *r.Pointwise || *r.LowerBound != *r.Curve {
			t.Errorf("%s: passed=%v, claimed %g, at least %g and %g", bug, r.Passed, *r.Claim, *r.Pointwise, *r.Curve)
		}
	}
}
