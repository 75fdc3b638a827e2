package gan

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// A run pays once for the table of a dependency without a map, reads the map, and
// leaves a model whose rows keep it, that says where it is from.
func TestTrainFindsTheMap(t *testing.T) {
	codec := tabulartest.Compile(t, []tabular.Column{
		{Name: "code", Type: tabular.Integer, Bounds: []any{0, 5}, Nullable: true},
		{Name: "name", Type: tabular.Categorical, Values: []string{"a", "b", "c"}, Nullable: true},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	})
	names := []uint32{2, 0, 0, 1, 3, 1, 3} // of codes 0 … 5 and missing; code 4 does not occur
	random, columns := rand.New(rand.NewPCG(3, 4)), make([][]uint32, 3)
	for range 3000 {
		code := []uint32{0, 1, 2, 3, 5, 6}[random.Uint32N(6)]
		columns[0], columns[1], columns[2] = append(columns[0], code), append(columns[1], names[code]), append(columns[2], random.Uint32N(2))
	}
	rules := []tabular.Rule{{Dependency: "code", Determines: "name"}}
	pure := smallSettings(t, codec, 21)
	pure.Domain = tabulartest.Domain(t, pure.Domain.Codec, rules...)
	if err := pure.Validate(); err == nil {
		t.Error("pure mode finds no map, and does not say so")
	}
	for _, c := range []struct {
		columns, tables, steps int
		budget                 dpsgd.Shares
	}{
		{3, 2, 0, modes[marginal.ModeMarginals]}, // (code, sex) and (code, name)
		{3, 2, 12, modes[marginal.ModeGAN]},
		{2, 1, 0, dpsgd.Shares{}}, // there is nothing else to look at
	} {
		s := smallSettings(t, tabulartest.Compile(t, codec.Schema().Columns[:c.columns]), 21)
		s.Domain, s.Privacy.Budget, s.Privacy.NoiseMultiplier = tabulartest.Domain(t, s.Domain.Codec, rules...), c.budget, new(20.0)
		result := mustTrain(t, s, columns[:c.columns])
		statement := result.Model.Privacy()
		if want := []marginal.FoundRule{{Rule: "code determines name", From: "declared; its map was read from a noisy table", Values: 7, Unclear: 1}}; !reflect.DeepEqual(statement.Found, want) {
			t.Errorf("%+v: %+v, want %+v", c, statement.Found, want)
		}
		tables := 0
		for _, e := range statement.Events {
			if e.Mechanism == accounting.Gaussian && e.Purpose == "joint tables" {
				tables += e.Count
			}
		}
		if tables != c.tables || result.Steps != c.steps || statement.Epsilon > s.Privacy.TargetEpsilon {
			t.Errorf("%+v: %d joint tables and %d steps, ε=%v", c, tables, result.Steps, statement.Epsilon)
		}
		rows := drawn(t, throughFile(t, result.Model), 5, 2000)
		for i, code := range rows[0] {
			if code != 4 && rows[1][i] != names[code] {
				t.Fatalf("%+v: code %d has name %d, want %d", c, code, rows[1][i], names[code])
			}
		}
	}
}

// A run looks for dependencies if it is told to, and rows keep those that it found; a
// discriminator that began at no tables finds them too, if its steps have little noise.
func TestTrainDetects(t *testing.T) {
	tabulartest.SkipShort(t)
	codec, columns := tabulartest.CodeAndName(t, 4000)
	for _, c := range []struct {
		mode          string
		noise         float64
		detect, found bool
	}{{marginal.ModeMarginals, 20, true, true}, {marginal.ModeMarginals, 20, false, false}, {marginal.ModeGAN, 20, true, true}, {marginal.ModePure, 20, true, false}, {marginal.ModePure, 0, true, true}} {
		s := smallSettings(t, codec, 21)
		s.Training.DetectDependencies, s.Privacy.Budget, s.Privacy.NoiseMultiplier = c.detect, modes[c.mode], new(c.noise)
		if c.noise == 0 { // as little as a larger budget allows
			s.Privacy.NoiseMultiplier, s.Privacy.TargetEpsilon = nil, 20
		}
		result := mustTrain(t, s, columns)
		found, rules := result.Model.Privacy().Found, result.Model.Domain().Rules
		if !c.found {
			if len(found) > 0 || rules.Len() > 0 {
				t.Errorf("%+v: found %+v", c, found)
			}
			continue
		}
		if want := []marginal.FoundRule{{Rule: "code determines name", From: "found in the noisy tables, not declared", Values: 4}}; !reflect.DeepEqual(found, want) {
			t.Fatalf("%+v: %+v, want %+v", c, found, want)
		}
		if looked := checkpointOf(t, s).Joint.Looked; !reflect.DeepEqual(looked, [][]int{{2, 0}}) {
			t.Errorf("%+v: %v is looked at, want sex and code", c, looked)
		}
		for i, rows := 0, drawn(t, result.Model, 5, 2000); i < 2000; i++ {
			if rows[1][i] != 3-rows[0][i] {
				t.Fatalf("%+v: code %d has name %d", c, rows[0][i], rows[1][i])
			}
		}
	}
}

// Where the only triple leaves with a column that was found, what it says of the target
// stays.
func TestDetectionKeepsTheTarget(t *testing.T) {
	codec, columns := tabulartest.CodeAndName(t, 4000)
	random := rand.New(rand.NewPCG(8, 8))
	for i, code := range columns[0] {
		if columns[2][i] = code % 2; random.IntN(10) == 0 {
			columns[2][i] = 1 - code%2
		}
	}
	s := smallSettings(t, codec, 22)
	s.Target, s.Privacy.Budget, s.Privacy.TargetEpsilon = "sex", modes[marginal.ModeMarginals], 10
	result := mustTrain(t, s, columns)
	if looked := checkpointOf(t, s).Joint.Looked; len(result.Model.Privacy().Found) != 1 || len(looked) != 1 || len(looked[0]) != 2 {
		t.Fatalf("found %+v, and %v is looked at", result.Model.Privacy().Found, looked)
	}
	rows, same := drawn(t, result.Model, 5, 5000), 0
	for i, code := range rows[0] {
		if rows[2][i] == code%2 {
			same++
		}
	}
	if same < 4400 || same > 4600 { // .9 of them, as in the table, to within 7 standard deviations of the draws
		t.Errorf("of 5,000 rows the sex of %d follows the code", same)
	}
}
