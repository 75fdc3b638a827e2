package accounting

import (
	"math"
	"testing"
)

// Distances allowed to the exact ε: two cells where single losses carry probability, see doc.go.
const (
	smooth = 2 * gridTolerance
	atomic = 2.1 * finestWidth
)

// exactly compares ε from the grid with the ε at which the exact δ(ε) meets delta: never below, and near.
func exactly(t *testing.T, name string, events []Event, delta, near float64, exact func(epsilon float64) float64) {
	t.Helper()
	low, high := 0.0, 1e3
	for range 200 {
		if middle := (low + high) / 2; exact(middle) > delta {
			low = middle
		} else {
			high = middle
		}
	}
	got, err := newComposition(events).epsilon(delta, gridTolerance)
	if err != nil {
		t.Fatal(err)
	}
	if got < low-1e-12 || got > high+near {
		t.Errorf("%s at δ = %g: ε = %v, exact %v", name, delta, got, high)
	}
	if rdp := epsilonOf(t, RDP, events, delta); rdp < low-1e-12 {
		t.Errorf("%s at δ = %g: rdp %v is below the exact %v", name, delta, rdp, high)
	}
}

// The grid against closed forms, down to δ where an untilted FFT has no digits left.
func TestPLDAgainstClosedForms(t *testing.T) {
	t.Parallel()
	for _, delta := range []float64{1e-3, 1e-6, 1e-9, 1e-12} {
		for _, c := range []struct {
			sigma float64
			count int
		}{{0.5, 1}, {3, 1}, {20, 15}} {
			mu := math.Sqrt(float64(c.count)) / c.sigma
			events := []Event{{Mechanism: Gaussian, NoiseMultiplier: c.sigma, Count: c.count}}
			exactly(t, "gaussian", events, delta, smooth, func(epsilon float64) float64 { return gaussianDelta(mu, epsilon) })
		}
		for _, scale := range []float64{0.3, 2, 40} {
			exactly(t, "laplace", []Event{{Mechanism: Laplace, NoiseMultiplier: scale, Count: 1}}, delta, atomic, func(epsilon float64) float64 {
				return math.Max(0, -math.Expm1((epsilon-1/scale)/2))
			})
		}
		for _, sigma := range []float64{0.4, 1, 7.3, 60} {
			events := []Event{{Mechanism: DiscreteGaussian, NoiseMultiplier: sigma, Count: 1}}
			exactly(t, "discrete gaussian", events, delta, atomic, func(epsilon float64) float64 { return discreteGaussianDelta(sigma, epsilon) })
		}
	}
}

// discreteGaussianDelta sums the definition of δ(ε) over the integers.
func discreteGaussianDelta(sigma, epsilon float64) float64 {
	weight := func(x int) float64 { return math.Exp(-float64(x*x) / (2 * sigma * sigma)) }
	reach := int(30*sigma) + 30
	total, sum := 0.0, 0.0
	for x := -reach; x <= reach; x++ {
		total += weight(x)
	}
	for x := -reach; x <= reach; x++ {
		sum += math.Max(0, weight(x)-math.Exp(epsilon)*weight(x-1))
	}
	return sum / total
}

// k releases of randomised response: the loss is ε·(k − 2·wrong), wrong binomial.
func TestPLDOfPureEpsilonIsBinomial(t *testing.T) {
	const each, k = 0.13, 9
	right := 1 / (1 + math.Exp(-each))
	exact := func(epsilon float64) float64 {
		sum, ways := 0.0, 1.0
		for wrong := range k + 1 {
			p := ways * math.Pow(right, float64(k-wrong)) * math.Pow(1-right, float64(wrong))
			sum += p * math.Max(0, -math.Expm1(epsilon-each*float64(k-2*wrong)))
			ways *= float64(k-wrong) / float64(wrong+1)
		}
		return sum
	}
	for _, delta := range []float64{1e-2, 1e-5} {
		exactly(t, "epsilon_delta", []Event{{Mechanism: EpsilonDelta, Epsilon: each, Count: k}}, delta, atomic, exact)
		exactly(t, "discrete laplace", []Event{{Mechanism: DiscreteLaplace, NoiseMultiplier: 1 / each, Count: k}}, delta, atomic, exact)
	}
}

// Failure probabilities add up before anything else, and a δ they use up has no ε.
func TestDeltaOfEventsIsTakenFirst(t *testing.T) {
	steps := Event{Mechanism: PoissonGaussian, SampleRate: 0.02, NoiseMultiplier: 1, Count: 50}
	selection := Event{Mechanism: PartitionSelection, Delta: 2e-6, Count: 3}
	for _, a := range []Accountant{PLD, RDP} {
		failure := composeFailure(0, selection.Delta, selection.Count)
		got := epsilonOf(t, a, []Event{steps, selection}, 1e-5)
		want := epsilonOf(t, a, []Event{steps}, (1e-5-failure)/(1-failure))
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: ε = %v, with δ reduced by hand %v", a, got, want)
		}
		if got := epsilonOf(t, a, []Event{steps, selection}, 5e-6); !math.IsInf(got, 1) {
			t.Errorf("%s: ε = %v where the events use up δ", a, got)
		}
	}
}

// ε grows with steps and sample rate, falls with noise and δ; PLD stays at or below RDP; order does not matter.
func TestEpsilonIsMonotone(t *testing.T) {
	t.Parallel()
	base := Event{Mechanism: PoissonGaussian, SampleRate: 0.02, NoiseMultiplier: 1.3, Count: 200}
	table := Event{Mechanism: DiscreteGaussian, NoiseMultiplier: 30, Count: 8}
	more, noisier, rarer := base, base, base
	more.Count, noisier.NoiseMultiplier, rarer.SampleRate = 220, 1.35, 0.018
	for _, a := range []Accountant{PLD, RDP} {
		at := func(delta float64, events ...Event) float64 { return epsilonOf(t, a, events, delta) }
		e := at(1e-6, base, table)
		for name, holds := range map[string]bool{
			"steps":        at(1e-6, more, table) > e,
			"noise":        at(1e-6, noisier, table) < e,
			"sample rate":  at(1e-6, rarer, table) < e,
			"delta":        at(1e-5, base, table) < e,
			"another":      at(1e-6, base, table, Event{Mechanism: Laplace, NoiseMultiplier: 50, Count: 1}) > e,
			"one less":     at(1e-6, base) < e,
			"order":        math.Abs(at(1e-6, table, base)-e) < 1e-9,
			"pld over rdp": e <= epsilonOf(t, RDP, []Event{base, table}, 1e-6),
		} {
			if !holds {
				t.Errorf("%s: %s does not move ε the right way", a, name)
			}
		}
	}
}

// Delta inverts Epsilon, from above.
func TestDeltaInvertsEpsilon(t *testing.T) {
	t.Parallel()
	for _, events := range [][]Event{
		{{Mechanism: PoissonGaussian, SampleRate: 0.01, NoiseMultiplier: 1, Count: 300}, {Mechanism: Laplace, NoiseMultiplier: 20, Count: 2}},
		{{Mechanism: Gaussian, NoiseMultiplier: 4, Count: 3}},
	} {
		for _, a := range []Accountant{PLD, RDP} {
			for _, delta := range []float64{1e-4, 1e-7, 1e-11} {
				epsilon := epsilonOf(t, a, events, delta)
				back, err := a.Delta(events, epsilon)
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(math.Log(back/delta)) > 1e-3 {
					t.Errorf("%s: δ = %g gives ε = %v, which gives δ = %g", a, delta, epsilon, back)
				}
			}
		}
	}
}

func TestRefusesSenselessTargets(t *testing.T) {
	steps := []Event{{Mechanism: PoissonGaussian, SampleRate: 0.01, NoiseMultiplier: 1, Count: 1}}
	for _, a := range []Accountant{PLD, RDP} {
		for _, delta := range []float64{0, 1, -1, math.NaN()} {
			if e, err := a.Epsilon(steps, delta); err == nil {
				t.Errorf("%s: δ = %v gave ε = %v", a, delta, e)
			}
		}
		if _, err := a.Delta(steps, -1); err == nil {
			t.Errorf("%s: a negative ε was taken", a)
		}
	}
	if _, err := PLD.Epsilon(steps, 1e-20); err == nil {
		t.Error("pld answered below the δ it can resolve")
	}
}

// One hundred queries of a usual run, on one core.
func BenchmarkHundredPLDQueries(b *testing.B) {
	for b.Loop() {
		for i := range 100 {
			epsilonOf(b, PLD, []Event{
				{Mechanism: PoissonGaussian, SampleRate: 0.01, NoiseMultiplier: 1 + float64(i)/50, Count: 1000 + 20*i},
				{Mechanism: DiscreteGaussian, NoiseMultiplier: 30, Count: 15},
			}, 1e-6)
		}
	}
}
