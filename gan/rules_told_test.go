package gan

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// A trained model keeps the order by construction, in the file too, and knows how
// far the columns are apart. In any mode.
func TestTrainWithDistances(t *testing.T) {
	tabulartest.SkipShort(t)
	codec := tabulartest.Compile(t, []tabular.Column{
		{Name: "start", Type: tabular.Datetime, Bounds: []any{"2024-01-01", "2024-12-31"}},
		{Name: "end", Type: tabular.Datetime, Bounds: []any{"2024-01-01", "2025-03-01"}},
		{Name: "long", Type: tabular.Boolean}})
	random, columns := rand.New(rand.NewPCG(3, 4)), make([][]uint32, 3)
	for range 4000 {
		start, long := random.Uint32N(366), random.Uint32N(2)
		columns[0] = append(columns[0], start)
		columns[1] = append(columns[1], start+1+20*long)
		columns[2] = append(columns[2], long)
	}
	var m *model.Model
	for mode, budget := range modes {
		s := smallSettings(t, codec, 21)
		s.Domain = tabulartest.Domain(t, s.Domain.Codec, []tabular.Rule{{Order: []string{"start", "end"}, Strict: true}}...)
		s.Privacy.Budget, s.Training.BatchSize = budget, 2000
		m = throughFile(t, mustTrain(t, s, columns).Model)
		if len(m.Generator().Differences) != 1 {
			t.Fatalf("%s: differences in the file: %+v", mode, m.Generator().Differences)
		}
		m.Domain().Rules = nil // nothing is repaired
		rows, near := drawn(t, m, 5, 20000), 0
		for i, start := range rows[0] {
			if rows[1][i] <= start {
				t.Fatalf("%s: row %d ends at %d, not after its start at %d", mode, i, rows[1][i], start)
			}
			if want := start + 1 + 20*rows[2][i]; rows[1][i] == want {
				near++
			}
		}
		if near < 16000 {
			t.Errorf("%s: of 20,000 rows %d have the distance that they should", mode, near)
		}
	}
	var err error
	m.Domain().Rules, err = codec.CompileRules(nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := model.Load(path); err == nil {
		t.Error("a file whose rules do not say what its distances are of is read")
	}
}

// A run whose tables are of columns as they are does not go on with distances, nor
// the other way round.
func TestResumeWithOtherDistances(t *testing.T) {
	number := func(name string) tabular.Column {
		return tabular.Column{Name: name, Type: tabular.Integer, Bounds: []any{0, 20}}
	}
	domain := tabulartest.Domain(t, tabulartest.Compile(t, []tabular.Column{number("start"), number("middle"), number("end")}), tabular.Rule{Order: []string{"start", "middle", "end"}})
	derived := domain.Rules.Differences()
	for name, test := range map[string]struct {
		rules []tabular.Rule
		made  []tabular.Difference
		fits  bool
	}{
		"the same":       {domain.Rules.Declared(), derived, true},
		"before, none":   {domain.Rules.Declared(), nil, false},
		"now, none":      {nil, derived, false},
		"one of two":     {domain.Rules.Declared(), derived[:1], false},
		"never, nor now": {nil, nil, true},
	} {
		s := smallSettings(t, domain.Codec, 1)
		s.Domain = tabulartest.Domain(t, s.Domain.Codec, test.rules...)
		c := &checkpoint{Promise: promiseOf(s.Privacy), Schema: domain.Schema(), Model: s.Model, Training: s.Training, Insecure: true, Joint: &marginal.Measurements{Differences: test.made}}
		if err := c.matches(&s); test.fits != (err == nil) || err != nil && !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
