package accounting

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// For random runs, Steps is within the target and one step more is not. PLD is slower, so it takes every tenth.
func TestStepsStopsJustBeforeTheTarget(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	between := func(low, high float64) float64 { return low + (high-low)*random.Float64() }
	stopped := 0
	for i := range 200 {
		rows := between(1e3, 1e5)
		rate := min(1, between(16, 1024)/rows)
		noise, limit := between(0.6, 2.5), int(between(1, 2000))
		epsilon, delta := between(0.3, 6), 1/(rows*between(1, 100))
		a := RDP
		if i%10 == 0 {
			a, limit = PLD, min(limit, 200)
		}
		var prior []Event
		if i%3 == 0 {
			prior = []Event{{Mechanism: Gaussian, NoiseMultiplier: 40, Count: 3}}
		}
		steps, err := a.Steps(prior, rate, noise, epsilon, delta, limit)
		if err != nil {
			t.Fatal(err)
		}
		after := func(n int) float64 {
			events := append([]Event{}, prior...)
			if n > 0 {
				events = append(events, Event{Mechanism: PoissonGaussian, SampleRate: rate, NoiseMultiplier: noise, Count: n})
			}
			return epsilonOf(t, a, events, delta)
		}
		if e := after(steps); e > epsilon {
			t.Errorf("case %d: %s: %d steps reach ε = %v, above %v", i, a, steps, e, epsilon)
		}
		if steps == limit {
			continue
		}
		stopped++
		if e := after(steps + 1); e <= epsilon {
			t.Errorf("case %d: %s: step %d would still be within %v, at %v", i, a, steps+1, epsilon, e)
		}
	}
	if stopped < 50 {
		t.Errorf("only %d of 200 runs were stopped by the budget", stopped)
	}
}

// Noise for a run on top of what is spent meets the target, and a hair less does not.
func TestNoiseOnTopOfPrior(t *testing.T) {
	t.Parallel()
	prior := []Event{
		{Mechanism: DiscreteGaussian, NoiseMultiplier: 25, Count: 10},
		{Mechanism: PartitionSelection, Epsilon: 0.1, Delta: 1e-7, Count: 1},
	}
	for _, a := range []Accountant{PLD, RDP} {
		for _, release := range []Event{
			{Mechanism: PoissonGaussian, SampleRate: 0.02, Count: 100},
			{Mechanism: Gaussian, Count: 12},
			{Mechanism: DiscreteGaussian, Count: 12},
		} {
			noise, err := a.noise(prior, release, 2, 1e-5)
			if err != nil {
				t.Fatalf("%s %s: %v", a, release.Mechanism, err)
			}
			release.NoiseMultiplier = noise
			if e := epsilonOf(t, a, append(prior, release), 1e-5); e > 2 {
				t.Errorf("%s %s: noise %v gives ε = %v", a, release.Mechanism, noise, e)
			}
			release.NoiseMultiplier = noise * (1 - 1e-4)
			if e := epsilonOf(t, a, append(prior, release), 1e-5); e <= 2 {
				t.Errorf("%s %s: noise %v is more than needed", a, release.Mechanism, noise)
			}
		}
	}
}

func TestUnreachableTargets(t *testing.T) {
	heavy := []Event{{Mechanism: Gaussian, NoiseMultiplier: 0.5, Count: 1}}
	for _, a := range []Accountant{PLD, RDP} {
		if _, err := a.Steps(heavy, 0.01, 1, 1, 1e-5, 100); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: steps: %v", a, err)
		}
		if _, err := a.NoiseMultiplier(heavy, 0.01, 100, 1, 1e-5); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: noise: %v", a, err)
		}
		if _, err := a.GaussianNoise(heavy, 1, 1, 1e-5); !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: gaussian noise: %v", a, err)
		}
		// The prior fits, a single step does not.
		if steps, err := a.Steps(nil, 1, 0.5, 1, 1e-5, 100); err != nil || steps != 0 {
			t.Errorf("%s: %d steps, %v, want 0", a, steps, err)
		}
		for _, target := range [][2]float64{{0, 1e-5}, {-1, 1e-5}, {1, 0}, {1, 1}} {
			if _, err := a.Steps(nil, 0.01, 1, target[0], target[1], 100); err == nil || errors.Is(err, ErrUnreachable) {
				t.Errorf("%s: target %v: %v", a, target, err)
			}
		}
	}
}
