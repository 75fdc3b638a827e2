package gan

import (
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/tabular"
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

// smallMarginals are tables of a number and a category, as if measured.
func smallMarginals(t testing.TB) (*tabular.Codec, Marginals) {
	t.Helper()
	schema := tabular.Schema{Columns: []tabular.Column{
		{Name: "age", Type: tabular.Integer, Bounds: []any{0, 9}},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	m := Marginals{NoiseMultiplier: 1}
	for j, counts := range [][]float64{{5, 9, 20, 15, 10, 11, 10, 8, 7, 5}, {60, 40}} {
		encoding, merged := codec.Encoding(j, codec.FineEdges(j), counts, 1, 4)
		m.Encodings = append(m.Encodings, encoding)
		m.Shares = append(m.Shares, shares(merged, nil, 100))
	}
	return codec, m
}

// throughFile is m as its file keeps it.
func throughFile(t *testing.T, m *Model) *Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
