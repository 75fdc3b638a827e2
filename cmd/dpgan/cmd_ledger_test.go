package main

import (
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// What a run reserved and did not settle counts as spent, and is told apart.
func TestSpendsCountWhatIsOpen(t *testing.T) {
	steps := accounting.Event{Mechanism: accounting.PoissonGaussian, NoiseMultiplier: 1, SampleRate: 0.01, Count: 50}
	runs := spends([]accounting.Record{
		{Reserve: &accounting.Reserved{ID: 1, Run: "a", Event: steps}},
		{Settle: &accounting.Settled{ID: 1, Used: 20}},
		{Reserve: &accounting.Reserved{ID: 2, Run: "a", Event: steps}},
	})
	if len(runs) != 1 || len(runs[0].Events) != 1 || runs[0].Events[0].Count != 70 || runs[0].Open != 50 {
		t.Errorf("20 steps made and 50 open are told as %+v", runs)
	}
}
