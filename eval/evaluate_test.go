package eval

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/tabular"
)

// TestAdultRealToReal is what models reach on Adult: scikit-learn's logistic
// regression .912 and XGBoost .913 on the public bins, .927 on exact values
// (150 rounds, learning rate .1).
func TestAdultRealToReal(t *testing.T) {
	train, holdout := adult(t)
	e, err := newEvaluation(Options{Train: train, Holdout: holdout, Synthetic: []Named{{"s", train}}, Target: "income", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	e.limitTarget(&Result{})
	scores, _, err := e.usefulness(t.Context(), "trtr", train)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]float64{"trtr_lr": .912, "trtr_gbt": .913, "trtr_gbt_exact": .927} {
		if s, ok := scores.Get(key); !ok || math.Abs(s.Value-want) > .005 {
			t.Errorf("%s = %.4f, want %.3f", key, s.Value, want)
		}
	}
}

func TestEvaluate(t *testing.T) {
	codec := clinic(t)
	train, holdout := patients(t, codec, 1200, 1), patients(t, codec, 900, 2)
	done := 0
	r, err := Evaluate(t.Context(), Options{Train: train, Holdout: holdout, Target: "died", Group: "sex", Baseline: true, Seed: 3,
		Synthetic: []Named{{"fresh", patients(t, codec, 1200, 3)}, {"few", patients(t, codec, 90, 4)}},
		Rules:     []Rule{{"nobody is male", func(row []uint32) bool { return row[sexColumn] == 1 }}},
		Progress: func(n, total int) {
			if n != done+1 || n > total {
				t.Errorf("progress %d of %d after %d", n, total, done)
			}
			done = n
		}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Tables) != 4 || !r.Tables[2].Baseline || r.Tables[0].Baseline {
		t.Fatalf("%d tables, want two and two yardsticks", len(r.Tables))
	}
	fresh, independent := r.Tables[0].Scores, r.Tables[3].Scores
	get := func(s Scores, key string) float64 {
		x, ok := s.Get(key)
		if !ok {
			t.Fatalf("no %s", key)
		}
		return x.Value
	}
	for _, key := range []string{"tvd2", "association_error", "c2st"} {
		if a, b := get(fresh, key), get(independent, key); a >= b {
			t.Errorf("%s: fresh rows %v, independent columns %v: want less", key, a, b)
		}
	}
	if a, b := get(fresh, "tstr_gbt"), get(independent, "tstr_gbt"); a < b+.05 {
		t.Errorf("tstr_gbt: fresh rows %v, independent columns %v: want much more", a, b)
	}
	if v := get(fresh, "violations"); v < .4 || v > .6 { // half are male
		t.Errorf("violations %v, want about .5", v)
	}
	if v := r.Tables[0].Violations; len(v) != 1 || v[0].Rule != "nobody is male" || v[0].Share != get(fresh, "violations") ||
		r.TrainViolations[0].Rows == 0 ||
		float64(r.HoldoutViolations[0].Rows)/float64(holdout.rows) != get(r.Holdout, "violations") {
		t.Errorf("violations %+v, train %+v, holdout %+v", v, r.TrainViolations, r.HoldoutViolations)
	}
	if len(r.Tables[0].Slices) != 2 || r.Tables[0].Slices[0].Rows+r.Tables[0].Slices[1].Rows != holdout.rows {
		t.Errorf("slices by sex: %+v", r.Tables[0].Slices)
	}
	if len(r.Tables[1].Notes) == 0 {
		t.Error("no note about a table of few rows")
	}
	if s, _ := fresh.Get("tstr_gbt"); s.Low > s.Value || s.High < s.Value || s.High-s.Low > .2 {
		t.Errorf("interval of tstr_gbt: %+v", s)
	}
	if text := r.Text(); !strings.Contains(text, "tstr_gbt") || strings.Contains(text, "NaN") {
		t.Errorf("text:\n%s", text)
	}
}

// TestSameResultOnAnyNumberOfCores compares the whole output.
func TestSameResultOnAnyNumberOfCores(t *testing.T) {
	codec := clinic(t)
	options := Options{Train: patients(t, codec, 200, 1), Holdout: patients(t, codec, 200, 2), Target: "severity", Seed: 3,
		Synthetic: []Named{{"s", patients(t, codec, 200, 3)}}}
	run := func(cores int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		r, err := Evaluate(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	one := run(1)
	if four := run(4); one != four {
		t.Error("results differ between 1 and 4 cores")
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(one), &object); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"tvd1", "tvd2", "tvd3", "association_error", "tstr_lr", "tstr_gbt", "trtr_lr", "trtr_gbt", "c2st", "coverage",
		"rare_recall", "violations", "dcr_share", "nndr", "identical_share", "mia_auc", "singling_out", "linkability", "inference",
		"floors", "tables"} {
		if _, ok := object[key]; !ok {
			t.Errorf("no %q in the output", key)
		}
	}
}

// TestHardTables: whatever a table holds, there is a result.
func TestHardTables(t *testing.T) {
	codec := clinic(t)
	train, holdout := patients(t, codec, 150, 1), patients(t, codec, 100, 2)
	with := func(from *Table, column int, code uint32) *Table {
		out := from.selectRows(sequence(0, from.rows))
		for i := range out.columns[column] {
			out.columns[column][i] = code
		}
		return out
	}
	missing := codec.Size(costColumn) - 1
	for name, o := range map[string]Options{
		"no target":                {Synthetic: []Named{{"s", train}}},
		"number as target":         {Target: "age", Synthetic: []Named{{"s", patients(t, codec, 200, 3)}}},
		"constant number":          {Target: "age", Synthetic: []Named{{"s", with(train, ageColumn, 7)}}},
		"nullable target":          {Target: "cost", Synthetic: []Named{{"s", train}}},
		"target all missing":       {Target: "cost", Synthetic: []Named{{"s", with(train, costColumn, missing)}}},
		"one class":                {Target: "died", Synthetic: []Named{{"s", with(train, diedColumn, 1)}}},
		"one class in the holdout": {Target: "died", Holdout: with(holdout, diedColumn, 0), Synthetic: []Named{{"s", train}}},
		"one class in train":       {Target: "died", Train: with(train, diedColumn, 0), Synthetic: []Named{{"s", train}}},
		"all missing on both sides": {Target: "died", Train: with(train, costColumn, missing),
			Synthetic: []Named{{"s", with(train, costColumn, missing)}}},
		"all missing on one side": {Target: "died", Train: with(train, costColumn, missing), Synthetic: []Named{{"s", train}}},
		"constant category":       {Target: "died", Train: with(train, wardColumn, 0), Synthetic: []Named{{"s", train}}},
		"a category on one side only": {Target: "ward", Train: with(train, wardColumn, 0), Holdout: with(holdout, wardColumn, 1),
			Synthetic: []Named{{"s", train}}},
		"one synthetic row": {Target: "died", Synthetic: []Named{{"s", train.selectRows([]int{0})}}},
		"five rows everywhere": {Target: "died", Train: train.selectRows(sequence(0, 5)),
			Holdout: holdout.selectRows(sequence(0, 5)), Synthetic: []Named{{"s", train.selectRows(sequence(5, 10))}}},
		"one row everywhere": {Target: "died", Train: train.selectRows([]int{0}), Holdout: holdout.selectRows([]int{0}),
			Synthetic: []Named{{"s", train.selectRows([]int{1})}}},
		"a group with one row of a kind": {Target: "died", Group: "ward", Synthetic: []Named{{"s", train}}},
	} {
		if o.Train == nil {
			o.Train = train
		}
		if o.Holdout == nil {
			o.Holdout = holdout
		}
		r, err := Evaluate(t.Context(), o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s, ok := r.Tables[0].Scores.Get("tstr_gbt"); name == "one class" && (!ok || s.Value != .5) {
			t.Errorf("%s: tstr_gbt %v, want .5", name, s.Value)
		}
	}
}

func TestRefusals(t *testing.T) {
	codec := clinic(t)
	train := patients(t, codec, 50, 1)
	other := wideTable(t, 50, 1)
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"no tables":      {Options{Train: train, Holdout: train}, "synthetic=[]"},
		"other schema":   {Options{Train: train, Holdout: train, Synthetic: []Named{{"s", other}}}, "different schemas"},
		"unknown target": {Options{Train: train, Holdout: train, Synthetic: []Named{{"s", train}}, Target: "x"}, `data.target="x"`},
		"id as target":   {Options{Train: train, Holdout: train, Synthetic: []Named{{"s", train}}, Target: "id"}, "not a learned column"},
		"unknown group":  {Options{Train: train, Holdout: train, Synthetic: []Named{{"s", train}}, Target: "died", Group: "x"}, `group="x"`},
		"group is target": {Options{Train: train, Holdout: train, Synthetic: []Named{{"s", train}}, Target: "died", Group: "died"},
			"another column"},
		"many classes": {Options{Train: other, Holdout: other, Synthetic: []Named{{"s", other}}, Target: "c5"}, "at most 50"},
		"no holdout":   {Options{Train: train, Synthetic: []Named{{"s", train}}}, "no rows"},
	} {
		if _, err := Evaluate(t.Context(), c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Evaluate(ctx, Options{Train: train, Holdout: train, Synthetic: []Named{{"s", train}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for name, columns := range map[string][][]uint32{
		"too few columns": {{0}},
		"ragged":          {{0}, {0}, {0}, {0}, {0}, {0}, {0, 1}},
		"no such code":    {{9}, {0}, {0}, {0}, {0}, {0}, {0}},
		"no rows":         {{}, {}, {}, {}, {}, {}, {}},
	} {
		if _, err := NewTable(codec, columns); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestOneColumn(t *testing.T) {
	schema := tabular.Schema{Columns: []tabular.Column{{Name: "x", Type: tabular.Integer, Bounds: []any{0, 99}}}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	table := func(from int) *Table {
		codes := make([]uint32, 200)
		for i := range codes {
			codes[i] = uint32((i*37 + from) % 100)
		}
		out, err := NewTable(codec, [][]uint32{codes})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	r, err := Evaluate(t.Context(), Options{Train: table(0), Holdout: table(1), Synthetic: []Named{{"s", table(2)}}})
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := r.Tables[0].Scores.Get("tvd2"); !math.IsNaN(s.Value) {
		t.Errorf("tvd2 of one column = %v, want none", s.Value)
	}
	if !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, "no data.target") }) {
		t.Errorf("notes %q", r.Notes)
	}
}
