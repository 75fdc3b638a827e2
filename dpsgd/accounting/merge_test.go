package accounting

import (
	"math"
	"slices"
	"testing"
)

// everyKind has an event of each mechanism.
func everyKind() []Event {
	return []Event{
		{Mechanism: PoissonGaussian, NoiseMultiplier: 1.1, SampleRate: 0.02, Count: 40},
		{Mechanism: PoissonGaussian, NoiseMultiplier: 20, SampleRate: 1, Count: 3},
		{Mechanism: Gaussian, NoiseMultiplier: 9, Count: 4},
		{Mechanism: DiscreteGaussian, NoiseMultiplier: 30, Count: 15},
		{Mechanism: Laplace, NoiseMultiplier: 25, Count: 2},
		{Mechanism: DiscreteLaplace, NoiseMultiplier: 40, Count: 5},
		{Mechanism: EpsilonDelta, Epsilon: 0.05, Delta: 1e-8, Count: 2},
		{Mechanism: PartitionSelection, Delta: 1e-7, Count: 6},
	}
}

// So many releases cost the same however they are written down: as one event, or as
// one each.
func TestMergedEventsCostTheSame(t *testing.T) {
	t.Parallel()
	for _, a := range []Accountant{PLD, RDP} {
		var all, apart []Event
		for _, e := range everyKind() {
			single := e
			single.Count = 1
			all, apart = append(all, e), append(apart, slices.Repeat([]Event{single}, e.Count)...)
		}
		together, one := epsilonOf(t, a, all, 1e-5), epsilonOf(t, a, apart, 1e-5)
		if math.Abs(together-one) > 1e-9 || together == 0 {
			t.Errorf("%s: ε = %v together, %v apart", a, together, one)
		}
	}
}

// Merge adds counts of events that are the same in all else, and keeps apart what
// differs in anything.
func TestMergeKeepsWhatDiffers(t *testing.T) {
	base := Event{Mechanism: PoissonGaussian, NoiseMultiplier: 1, SampleRate: 0.01, Count: 5, Stage: "s", Purpose: "p"}
	again := base
	again.Count = 7
	if got := Merge([]Event{base}, again); len(got) != 1 || got[0].Count != 12 {
		t.Errorf("merged to %+v", got)
	}
	for name, change := range map[string]func(*Event){
		"mechanism": func(e *Event) { e.Mechanism = Gaussian }, "noise": func(e *Event) { e.NoiseMultiplier = 2 },
		"rate": func(e *Event) { e.SampleRate = 0.02 }, "epsilon": func(e *Event) { e.Epsilon = 1 }, "delta": func(e *Event) { e.Delta = 1e-9 },
		"stage": func(e *Event) { e.Stage = "t" }, "purpose": func(e *Event) { e.Purpose = "q" },
	} {
		other := base
		change(&other)
		if got := Merge([]Event{base}, other); len(got) != 2 || got[0] != base || got[1] != other {
			t.Errorf("another %s: merged to %+v", name, got)
		}
	}
}
