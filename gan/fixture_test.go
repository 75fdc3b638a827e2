package gan

import (
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// countingEngine calls after behind each discriminator step.
type countingEngine struct {
	Engine
	after func()
}

func (e *countingEngine) DiscriminatorStep(learningRate float64) error {
	err := e.Engine.DiscriminatorStep(learningRate)
	e.after()
	return err
}

func epsilonWithOneMore(t *testing.T, s PrivacyStatement, step dpsgd.StepConfig) float64 {
	t.Helper()
	events := []accounting.Event{step.Event(1)}
	for _, e := range s.Events {
		events = append(events, e.Event)
	}
	epsilon, err := accounting.Accountant(s.Accountant).Epsilon(events, s.Delta)
	if err != nil {
		t.Fatal(err)
	}
	return epsilon
}
