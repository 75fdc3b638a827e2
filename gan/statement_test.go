package gan

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/gan/marginal"
)

// A model claims the ε of the accountant that its config names, and says what the
// other would.
func TestStatementIsByTheAccountantThatWasAsked(t *testing.T) {
	for _, accountant := range []string{"pld", "rdp"} {
		s, columns := modeSettings(t, marginal.ModePure, 8)
		s.Privacy.Accountant, s.Privacy.NoiseMultiplier, s.Privacy.TargetEpsilon, s.Training.Steps = accountant, new(3.0), 5, 4
		result := mustTrain(t, s, columns)
		p := result.Model.Privacy()
		want := map[string]float64{"pld": p.EpsilonPLD, "rdp": p.EpsilonRDP}[accountant]
		if p.Epsilon != want || result.Epsilon != want || p.EpsilonPLD >= p.EpsilonRDP || p.Accountant != accountant {
			t.Errorf("by %s: ε %g is claimed, pld %g, rdp %g", accountant, p.Epsilon, p.EpsilonPLD, p.EpsilonRDP)
		}
	}
}

// A δ that satisfies whoever publishes a row, and an ε that promises little, are warned of.
func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		epsilon, delta float64
		texts          []string
	}{{3, 1e-5, nil}, {3, 1.0 / 200, []string{"target_delta"}}, {11, 1e-5, []string{"target_epsilon"}}, {11, 1.0 / 300, []string{"target_delta", "target_epsilon"}}} {
		s, columns := modeSettings(t, marginal.ModePure, 9)
		s.InsecureSeed, s.Privacy.TargetEpsilon, s.Privacy.TargetDelta = nil, c.epsilon, c.delta
		dev := cpu.New(1)
		trainer, err := NewTrainer(dev, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := trainer.Sink().Append(columns); err != nil {
			t.Fatal(err)
		}
		got := trainer.Warnings()
		if len(got) != len(c.texts) {
			t.Errorf("ε %g, δ %g: warnings %q", c.epsilon, c.delta, got)
		}
		for _, text := range c.texts {
			if !slices.ContainsFunc(got, func(w string) bool { return strings.Contains(w, text) }) {
				t.Errorf("ε %g, δ %g: no warning of %s in %q", c.epsilon, c.delta, text, got)
			}
		}
		if err := errors.Join(trainer.Close(), dev.Close()); err != nil {
			t.Error(err)
		}
	}
}

// A run that began with keys from a seed cannot go on as a secure one, nor one with
// secure keys as an insecure one.
func TestInsecureRunsStayInsecure(t *testing.T) {
	seed := uint64(4)
	for _, first := range []*uint64{&seed, nil} {
		s, columns := quickSettings(t, marginal.ModePure, 0)
		s.InsecureSeed = first
		interrupted(t, s, columns, pairsStep, 1)
		s.Resume, s.InsecureSeed = true, &seed
		if first != nil {
			s.InsecureSeed = nil
		}
		if _, err := train(t, context.Background(), s, columns); !errors.Is(err, ErrMismatch) {
			t.Errorf("a run with insecure keys: %v was resumed with the others: %v", first != nil, err)
		}
	}
}
