package gan

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// Of a table with more pairs than rows can tell of, those that depend beyond the target
// are chosen and others are not. The run spends its target and no more, a run cut off
// resumes with the tables it paid for, and the model knows both kinds of pairs.
func TestPairsWorthTheirNoiseAreChosen(t *testing.T) {
	const rows = 2000
	codec, columns := tabulartest.Wide(t, rows)
	s := smallSettings(t, codec, 5)
	s.Target, s.Privacy.Budget, s.Privacy.TargetEpsilon = "target", modes[marginal.ModeMarginals], 0.3
	s.Model.Generator = nets.DefaultModelConfig().Generator
	_, kept := interrupted(t, s, columns, generatorStep, 10)
	paid := kept.Joint
	if !paid.Chosen || paid.Target != 10 {
		t.Fatalf("chosen %v, target %d", paid.Chosen, paid.Target)
	}
	var pairs [][]int
	for k, table := range paid.Tables {
		if table[1] != 10 {
			pairs = append(pairs, table)
			if paid.Noise[k] != paid.Noise[len(paid.Noise)-1] {
				t.Error("chosen tables have different noise")
			}
		}
	}
	for _, want := range [][]int{{1, 0}, {3, 2}} {
		if !slices.ContainsFunc(pairs, func(p []int) bool { return slices.Equal(p, want) }) {
			t.Errorf("%v depend, but were not chosen: %v", want, pairs)
		}
	}
	if len(paid.Tables)-len(pairs) != 10 || len(pairs) > 15 { // of 45
		t.Errorf("tables %v: want 10 with the target and the fewer others", paid.Tables)
	}
	result := resumed(t, s, columns)
	if result.Epsilon > 0.3 || result.Epsilon < 0.29 {
		t.Errorf("spent %g of 0.3", result.Epsilon)
	}
	again := checkpointOf(t, s).Joint
	before, err := json.Marshal(paid)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := json.Marshal(again); err != nil || string(after) != string(before) {
		t.Error("the resumed run has other tables")
	}
	out := drawn(t, result.Model, 3, 4000)
	if got := alike(out, 0, 1); got < 0.4 { // .85 of the rows, of which noise leaves .5 to .85; a quarter by chance
		t.Errorf("a chosen pair agrees in %.2f of the rows", got)
	}
	// (1+0.8²)/4 of the rows, and a quarter; noise leaves less of the one.
	if linked, free := alike(out, 4, 5), alike(out, 7, 9); linked < 0.3 || math.Abs(free-0.25) > 0.03 {
		t.Errorf("columns that follow the target agree in %.2f of the rows, others in %.2f", linked, free)
	}
}

// alike is the share of rows in which two columns have the same code.
func alike(rows [][]uint32, a, b int) (share float64) {
	for i := range rows[a] {
		if rows[a][i] == rows[b][i] {
			share += 1 / float64(len(rows[a]))
		}
	}
	return share
}

// In pure mode pairs are chosen by scores alone, measured from independent columns, and
// the discriminator looks at those with the target and the chosen ones.
func TestPairsAreChosenWithoutTables(t *testing.T) {
	codec, columns := tabulartest.Wide(t, 2000)
	s := smallSettings(t, codec, 6)
	s.Target, s.Privacy.TargetEpsilon = "target", 0.3
	s.Training.BatchSize = 1000
	result := mustTrain(t, s, columns)
	m := checkpointOf(t, s).Joint
	if len(m.Tables) != 0 || !m.Chosen || len(m.Looked) < 12 || len(m.Looked) > 30 {
		t.Fatalf("chosen: %v; %d tables were bought, and %d of 55 are looked at", m.Chosen, len(m.Tables), len(m.Looked))
	}
	for _, want := range [][]int{{0, 10}, {9, 10}, {1, 0}, {3, 2}} {
		if !slices.ContainsFunc(m.Looked, func(p []int) bool { return slices.Equal(p, want) }) {
			t.Errorf("%v is not looked at: %v", want, m.Looked)
		}
	}
	if result.Epsilon > 0.3 || result.Epsilon < 0.29 {
		t.Errorf("spent %g of 0.3", result.Epsilon)
	}
	out := drawn(t, result.Model, 3, 4000)
	if got := alike(out, 0, 1); got < 0.4 { // as where tables are bought
		t.Errorf("a chosen pair agrees in %.2f of the rows", got)
	}
}
