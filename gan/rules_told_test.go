package gan

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/tabular"
)

// A row is told by itself, and comes back as it was unless it breaks the order.
func TestDifferenceSink(t *testing.T) {
	m := chainedMixture(t)
	sink := &sinkOf{}
	told := tabular.NewDifferenceSink(sink, m.differences)
	rows := [][]uint32{{3, 9, 0}, {5, 0, 12}, {18, 17, 14}, {0, 1, 0}}
	for from := range 3 {
		part := make([][]uint32, 4)
		for j := range rows {
			part[j] = rows[j][from : from+1]
		}
		if err := told.Append(part); err != nil {
			t.Fatal(err)
		}
	}
	tabular.RestoreDifferences(m.differences, sink.columns)
	rows[1][1] = 7 // 2, before a start of 9, counts as 9
	if !reflect.DeepEqual(sink.columns, rows) {
		t.Errorf("%v, want %v", sink.columns, rows)
	}
	if tabular.NewDifferenceSink(sink, nil) != tabular.Sink(sink) {
		t.Error("rows without distances take a detour")
	}
}

type sinkOf struct{ columns [][]uint32 }

func (s *sinkOf) Append(columns [][]uint32) error {
	if s.columns == nil {
		s.columns = make([][]uint32, len(columns))
	}
	for j := range columns {
		s.columns[j] = append(s.columns[j], columns[j]...)
	}
	return nil
}

// A trained model keeps the order by construction, in the file too, and knows how
// far the columns are apart. In any mode.
func TestTrainWithDistances(t *testing.T) {
	skipShort(t)
	codec := compiled(t, []tabular.Column{
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
	var m *Model
	for mode, budget := range modes {
		s := smallSettings(t, codec, 21)
		s.Domain = domainOf(t, s.Domain.Codec, []tabular.Rule{{Order: []string{"start", "end"}, Strict: true}}...)
		s.Privacy.Budget, s.Training.BatchSize = budget, 2000
		m = throughFile(t, mustTrain(t, s, columns).Model)
		if len(m.mixture.Differences) != 1 {
			t.Fatalf("%s: differences in the file: %+v", mode, m.mixture.Differences)
		}
		m.domain.Rules = nil // nothing is repaired
		rows, near := sample(t, m, 5, 20000), 0
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
	m.domain.Rules, err = codec.CompileRules(nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadModel(path); err == nil {
		t.Error("a file whose rules do not say what its distances are of is read")
	}
}

// A run whose tables are of columns as they are does not go on with distances, nor
// the other way round.
func TestResumeWithOtherDistances(t *testing.T) {
	number := func(name string) tabular.Column {
		return tabular.Column{Name: name, Type: tabular.Integer, Bounds: []any{0, 20}}
	}
	domain := domainOf(t, compiled(t, []tabular.Column{number("start"), number("middle"), number("end")}), tabular.Rule{Order: []string{"start", "middle", "end"}})
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
		s.Domain = domainOf(t, s.Domain.Codec, test.rules...)
		c := &checkpoint{Promise: promiseOf(s.Privacy), Schema: domain.Schema(), Model: s.Model, Training: s.Training, Insecure: true, Joint: &joint{Differences: test.made}}
		if err := c.matches(&s); test.fits != (err == nil) || err != nil && !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
