package accounting

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func steps(q, sigma float64, count int) Event {
	return Event{Mechanism: PoissonGaussian, SampleRate: q, NoiseMultiplier: sigma, Count: count}
}

const reservedShare = 0.2

func newTestFilter(t *testing.T, epsilon, delta float64) *Filter {
	t.Helper()
	f, err := NewFilter(epsilon, delta, reservedShare)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sampledDelta is δ(ε) of one Poisson-sampled Gaussian, row removed, in closed form.
func sampledDelta(q, sigma, epsilon float64) float64 {
	if epsilon <= math.Log1p(-q) {
		return -math.Expm1(epsilon)
	}
	z := sigma*sigma*math.Log1p(math.Expm1(epsilon)/q) + 0.5
	return (1-q)*normalCDF(-z/sigma) + q*normalCDF((1-z)/sigma) - math.Exp(epsilon)*normalCDF(-z/sigma)
}

// afterGaussian is δ(ε) of a Gaussian release of μ and then one whose curve, given
// what the first one lost, is rest: E[rest(ε − L)], L ~ N(μ²/2, μ²).
func afterGaussian(mu, epsilon float64, rest func(epsilon float64) float64) float64 {
	const reach, n = 9.0, 40_000
	sum, width := 0.0, 2*reach/n
	for i := range n + 1 {
		z := -reach + float64(i)*width
		sum += math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * width * rest(epsilon-mu*mu/2-mu*z)
	}
	return sum
}

// Two releases, the second of which is a Gaussian or a sampled step, whichever hurts
// more after what the first one told. Each of the two fits by itself what the first
// one left. Where PLD says what fits, δ is passed by far; where the filter does, it holds.
func TestPLDIsNoFilter(t *testing.T) {
	const epsilon, delta, first = 1.0, 1e-5, 0.15
	prior := []Event{{Mechanism: Gaussian, NoiseMultiplier: 1 / first, Count: 1}}
	f := newTestFilter(t, epsilon, delta)
	worst := map[string]float64{}
	for _, q := range []float64{1e-4, 1e-3, 1e-2} {
		adaptive := func(gaussian, step float64, err error) float64 {
			if err != nil {
				t.Fatal(err)
			}
			return afterGaussian(first, epsilon, func(e float64) float64 {
				return math.Max(gaussianDelta(1/gaussian, e), sampledDelta(q, step, e))
			}) / delta
		}
		g, err := PLD.GaussianNoise(prior, 1, epsilon, delta)
		s, err2 := PLD.NoiseMultiplier(prior, q, 1, epsilon, delta)
		worst["pld"] = math.Max(worst["pld"], adaptive(g, s, errors.Join(err, err2)))
		g, err = f.GaussianNoise(prior)
		s, err2 = f.NoiseMultiplier(prior, q, 1)
		worst["filter"] = math.Max(worst["filter"], adaptive(g, s, errors.Join(err, err2)))
	}
	t.Logf("an adaptive choice reaches %.3g δ by PLD, %.3g δ by the filter", worst["pld"], worst["filter"])
	if worst["filter"] > 1 {
		t.Errorf("the filter lets %.3g δ through", worst["filter"])
	}
	if worst["pld"] < 1.5 {
		t.Errorf("the adversary of this test is weak: only %.3g δ against PLD", worst["pld"])
	}
}

// What the filter draws for a fixed composition is never below what PLD says it
// costs, and for runs as they are usual a few percent above.
func TestFilterIsAboveFixedCompositions(t *testing.T) {
	const delta = 1e-5
	for _, c := range []struct {
		name   string
		events []Event
		within float64 // of PLD's ε
	}{
		{"tables alone", []Event{{Mechanism: Gaussian, NoiseMultiplier: 10, Count: 120}}, 0.02},
		{"demo", []Event{{Mechanism: Gaussian, NoiseMultiplier: 14, Count: 100}, steps(0.0341, 2.5, 1000)}, 0.03},
		{"steps alone", []Event{steps(0.0341, 1.2, 1000)}, 0.04},
		{"long", []Event{steps(0.01, 1, 2000)}, 0.05},
		{"small table", []Event{steps(0.25, 10, 2000)}, 0.03},
		{"few steps", []Event{steps(1.0/6, 2.2, 4)}, 0.2},
		{"rare steps", []Event{steps(0.001, 0.6, 1000)}, 0.8},
		{"pure", []Event{{Mechanism: DiscreteLaplace, NoiseMultiplier: 20, Count: 3}}, 2},
		{"selection", []Event{{Mechanism: PartitionSelection, Delta: 1e-7, Count: 5}, steps(0.0341, 2.5, 1000)}, 0.04},
		{"discrete", []Event{{Mechanism: DiscreteGaussian, NoiseMultiplier: 10, Count: 20}}, 0.03},
	} {
		filter, err := newTestFilter(t, 100, delta).Epsilon(c.events)
		if err != nil {
			t.Fatal(err)
		}
		pld := epsilonOf(t, PLD, c.events, delta)
		t.Logf("%-12s filter %.4f, PLD %.4f: %+.1f %%", c.name, filter, pld, 100*(filter/pld-1))
		if filter < pld || filter > pld*(1+c.within) {
			t.Errorf("%s: filter %g, PLD %g", c.name, filter, pld)
		}
	}
}

// A dominating Gaussian lies above the whole curve, in both directions, up to slack.
func TestDominatorLiesAboveTheCurve(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	logUniform := func(lo, hi float64) float64 { return lo * math.Pow(hi/lo, rng.Float64()) }
	trials := 6
	if testing.Short() {
		trials = 2
	}
	for range trials {
		e := steps(logUniform(1e-4, 0.9), logUniform(0.4, 50), int(logUniform(1, 3000)))
		if rng.IntN(4) == 0 {
			e = Event{Mechanism: DiscreteGaussian, NoiseMultiplier: logUniform(0.3, 100), Count: 1 + rng.IntN(50)}
		}
		slack := logUniform(1e-15, 1e-6)
		mu, err := gaussianDominator(e, slack)
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			epsilon := logUniform(1e-3, 20)
			delta, err := PLD.Delta([]Event{e}, epsilon)
			if err != nil {
				t.Fatal(err)
			}
			if bound := slack + (1-slack)*gaussianDelta(mu, epsilon); delta > bound*(1+1e-6) {
				t.Errorf("%+v: δ(%g) = %g, above %g of μ = %g with slack %g", e, epsilon, delta, bound, mu, slack)
			}
		}
	}
}

// What the filter calibrates fits, and hardly less would not.
func TestFilterCalibrates(t *testing.T) {
	f := newTestFilter(t, 2, 1e-6)
	prior := []Event{{Mechanism: Gaussian, NoiseMultiplier: 4, Count: 2}, {Mechanism: PartitionSelection, Delta: 1e-7, Count: 1}}
	drawn := func(e Event) float64 {
		t.Helper()
		epsilon, err := f.Epsilon(append([]Event{e}, prior...))
		if err != nil {
			t.Fatal(err)
		}
		return epsilon
	}
	noise, err := f.GaussianNoise(prior)
	if err != nil {
		t.Fatal(err)
	}
	gaussian := func(sigma float64) Event {
		return Event{Mechanism: Gaussian, NoiseMultiplier: sigma, Count: 1}
	}
	if drawn(gaussian(noise)) > 2 || drawn(gaussian(noise*0.999)) <= 2 {
		t.Errorf("noise %g of one Gaussian draws %g, a little less %g", noise, drawn(gaussian(noise)), drawn(gaussian(noise*0.999)))
	}
	if noise, err = f.NoiseMultiplier(prior, 0.05, 500); err != nil {
		t.Fatal(err)
	}
	if drawn(steps(0.05, noise, 500)) > 2 || drawn(steps(0.05, noise*0.99, 500)) <= 2 {
		t.Errorf("noise %g of 500 steps draws %g", noise, drawn(steps(0.05, noise, 500)))
	}
	count, err := f.Steps(prior, 0.05, 3, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	if count == 0 || drawn(steps(0.05, 3, count)) > 2 || drawn(steps(0.05, 3, count+1)) <= 2 {
		t.Errorf("%d steps draw %g", count, drawn(steps(0.05, 3, count)))
	}
	spent := append(prior, gaussian(noise/10))
	if _, err := f.GaussianNoise(spent); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a spent filter calibrates: %v", err)
	}
}

// δ of selections has a part of its own, which does not trade with noise: once it is
// drawn, the rest of the budget buys none.
func TestFilterReservesDelta(t *testing.T) {
	f := newTestFilter(t, 2, 1e-6)
	part := Event{Mechanism: PartitionSelection, Delta: reservedShare * 1e-6 / 4, Count: 4}
	if epsilon, err := f.Epsilon([]Event{part}); err != nil || epsilon > 2 {
		t.Errorf("the reserved part draws %g, %v", epsilon, err)
	}
	part.Count++
	if epsilon, err := f.Epsilon([]Event{part}); err != nil || !math.IsInf(epsilon, 1) {
		t.Errorf("more than the reserved part draws %g, %v", epsilon, err)
	}
	if _, err := f.NoiseMultiplier([]Event{part}, 0.1, 10); !errors.Is(err, errReserved) || !errors.Is(err, ErrUnreachable) {
		t.Errorf("steps fit beside it: %v", err)
	}
}
