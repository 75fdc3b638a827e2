package gan

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/tabular"
)

func TestReadMap(t *testing.T) {
	for name, test := range map[string]struct {
		ordered bool
		counts  []float64
		values  []uint32
		unclear int
	}{
		"clear":             {false, []float64{50, 3, -2, 60, 40, 39}, []uint32{0, 1, 0}, 0},
		"noise alone":       {false, []float64{1, 2, -50, 60, 3, -7}, []uint32{1, 1, 0}, 2},
		"neighbours agree":  {true, []float64{50, 0, 1, 2, 3, -7, 80, 0}, []uint32{0, 0, 0, 0}, 2},
		"neighbours do not": {true, []float64{50, 0, 1, 2, 3, -7, 0, 80}, []uint32{0, 1, 0, 1}, 2},
		"one neighbour":     {true, []float64{1, 2, 50, 0, 1, 2}, []uint32{0, 0, 0}, 2},
		"no neighbour":      {true, []float64{1, 2, 2, 1}, []uint32{1, 0}, 2},
	} {
		if values, unclear := readMap(test.counts, 2, 10, test.ordered); !slices.Equal(values, test.values) || unclear != test.unclear {
			t.Errorf("%s: %v, %d unclear; want %v, %d", name, values, unclear, test.values, test.unclear)
		}
	}
}

// Noise alone seldom stands out, and what is there does.
func TestReadMapOfNoise(t *testing.T) {
	random, counts := rand.New(rand.NewPCG(1, 2)), make([]float64, 8*4000)
	for k := range counts {
		counts[k] = 5 * random.NormFloat64()
	}
	_, unclear := readMap(counts, 8, 5, false)
	if share := 1 - float64(unclear)/4000; math.Abs(share-blurred) > 5*math.Sqrt(blurred/4000) {
		t.Errorf("%.3f of the rows of noise stand out, want about %v", share, blurred)
	}
}

// A run pays once for the table of a dependency without a map, reads the map, and
// leaves a model whose rows keep it, that says where it is from.
func TestTrainFindsTheMap(t *testing.T) {
	schema := tabular.Schema{Columns: []tabular.Column{
		{Name: "code", Type: tabular.Integer, Bounds: []any{0, 5}, Nullable: true},
		{Name: "name", Type: tabular.Categorical, Values: []string{"a", "b", "c"}, Nullable: true},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	names := []uint32{2, 0, 0, 1, 3, 1, 3} // of codes 0 … 5 and missing; code 4 does not occur
	random, columns := rand.New(rand.NewPCG(3, 4)), make([][]uint32, 3)
	for range 3000 {
		code := []uint32{0, 1, 2, 3, 5, 6}[random.Uint32N(6)]
		columns[0], columns[1], columns[2] = append(columns[0], code), append(columns[1], names[code]), append(columns[2], random.Uint32N(2))
	}
	s := smallSettings(t, codec, 21)
	s.Rules = []tabular.Rule{{Dependency: "code", Determines: "name"}}
	if err := s.Validate(); err == nil {
		t.Error("pure mode finds no map, and does not say so")
	}
	all, none := 1.0, 0.0
	s.Privacy.Budget.Marginals, s.Privacy.Budget.Discriminator = &all, &none
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	statement := result.Model.Privacy()
	if want := []FoundRule{{"code determines name", fromNoisyTable, 7, 1}}; !reflect.DeepEqual(statement.Found, want) {
		t.Errorf("%+v, want %+v", statement.Found, want)
	}
	tables := 0
	for _, e := range statement.Events {
		if e.Mechanism == accounting.Gaussian && e.Purpose == "joint tables" {
			tables += e.Count
		}
	}
	if tables != 2 || statement.Epsilon > s.Privacy.TargetEpsilon { // (code, sex) and (code, name)
		t.Errorf("%d joint tables, ε=%v", tables, statement.Epsilon)
	}
	m := throughFile(t, result.Model)
	rows := sample(t, m, 5, 2000)
	for i, code := range rows[0] {
		if code != 4 && rows[1][i] != names[code] {
			t.Fatalf("code %d has name %d, want %d", code, rows[1][i], names[code])
		}
	}
	// A run is not resumed with other rules than its map is of.
	joint := &joint{Found: []foundMap{{Place: 0, Map: tabular.Terms{{Name: "0", Values: []string{"a"}}}}}}
	if err := m.take(m.rules, joint); err == nil {
		t.Error("a map was found of a dependency that has one")
	}
	var fault *tabular.RuleError
	joint.Found[0].Place = 0
	open, err := codec.CompileRules(s.Rules)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.take(open, joint); !errors.As(err, &fault) {
		t.Errorf("a map with gaps: %v", err)
	}
}

// A run looks for dependencies if it is told to, and rows keep those that it found.
func TestTrainDetects(t *testing.T) {
	schema := tabular.Schema{Columns: []tabular.Column{
		{Name: "code", Type: tabular.Integer, Bounds: []any{0, 3}},
		{Name: "name", Type: tabular.Categorical, Values: []string{"a", "b", "c", "d"}},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	random, columns := rand.New(rand.NewPCG(3, 4)), make([][]uint32, 3)
	for range 4000 {
		code := random.Uint32N(4)
		columns[0], columns[1], columns[2] = append(columns[0], code), append(columns[1], 3-code), append(columns[2], random.Uint32N(2))
	}
	for _, detect := range []bool{true, false} {
		s := smallSettings(t, codec, 21)
		s.Training.DetectDependencies = detect
		all, none := 1.0, 0.0
		s.Privacy.Budget.Marginals, s.Privacy.Budget.Discriminator = &all, &none
		result, err := train(t, context.Background(), s, columns)
		if err != nil {
			t.Fatal(err)
		}
		found, rules := result.Model.Privacy().Found, result.Model.Rules()
		if !detect {
			if len(found) > 0 || rules.Len() > 0 {
				t.Errorf("found unasked: %+v", found)
			}
			continue
		}
		if want := []FoundRule{{"code determines name", fromTables, 4, 0}}; !reflect.DeepEqual(found, want) {
			t.Fatalf("%+v, want %+v", found, want)
		}
		for i, rows := 0, sample(t, result.Model, 5, 2000); i < 2000; i++ {
			if rows[1][i] != 3-rows[0][i] {
				t.Fatalf("code %d has name %d", rows[0][i], rows[1][i])
			}
		}
	}
}
