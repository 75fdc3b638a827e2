package gan

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// smallRules hold in smallTable: sex follows from age there, and what it maps to
// band is no more than a rule of the test.
var smallRules = []tabular.Rule{
	{Dependency: "age", Determines: "sex", Map: tabular.Terms{{Name: "0..49", Values: []string{"F"}}, {Name: "50..", Values: []string{"M"}}}},
	{If: tabular.Terms{{Name: "sex", Values: []string{"M"}}}, Then: tabular.Terms{{Name: "band", Values: []string{"missing", "high"}}}},
	{Never: tabular.Terms{{Name: "age", Values: []string{"..9"}}, {Name: "band", Values: []string{"mid"}}}},
}

// ruledModel trains a small model with rules in a mode.
func ruledModel(t *testing.T, mode string) *Model {
	t.Helper()
	s, columns := quickSettings(t, mode, 21)
	s.Domain = domainOf(t, s.Domain.Codec, smallRules...)
	return mustTrain(t, s, columns).Model
}

// Not one row of a sample breaks a rule, in any mode, refined or not, and none of
// them asks for more than the model file.
func TestSamplesKeepTheRules(t *testing.T) {
	rows := 100_000
	if testing.Short() {
		rows = 3_000
	}
	for mode := range modes {
		m := ruledModel(t, mode)
		loaded := throughFile(t, m)
		if !reflect.DeepEqual(loaded.Domain().Rules.Declared(), smallRules) {
			t.Errorf("rules in the file: %+v", loaded.Domain().Rules.Declared())
		}
		columns := sample(t, loaded, 5, rows)
		if n := broken(loaded.Domain().Rules, columns); n > 0 {
			t.Errorf("%s: %d of %d rows break a rule", mode, n, rows)
		}
		loaded.domain.Rules = nil
		if broken(m.domain.Rules, sample(t, loaded, 5, 3_000)) == 0 {
			t.Errorf("%s: without rules no row breaks one either: the test shows nothing", mode)
		}
	}
}

// broken is how many rows break a rule.
func broken(rules *tabular.Rules, columns [][]uint32) int {
	n, row := 0, make([]uint32, len(columns))
	for i := range columns[0] {
		for j := range row {
			row[j] = columns[j][i]
		}
		if !rules.Kept(row) {
			n++
		}
	}
	return n
}

// A condition on a column stays as asked, also where another determines it.
func TestConditionsOutrankRules(t *testing.T) {
	for mode := range modes {
		m := ruledModel(t, mode)
		columns, _ := sampleAll(t, m, SampleConfig{Seed: 3, Rows: 500, Where: []string{"sex=M"}})
		for i, sex := range columns[1] {
			if sex != 1 || columns[0][i] < 50 {
				t.Fatalf("%s: sex %d at age %d, want M at 50 or more", mode, sex, columns[0][i])
			}
		}
		if broken(m.domain.Rules, columns) > 0 {
			t.Errorf("%s: a row breaks a rule", mode)
		}
	}
}

// A column that follows from another is asked for, and refused, by way of it.
func TestConditionsOnDeterminedColumns(t *testing.T) {
	m := ruledModel(t, ModeMarginals)
	dev := cpu.New(1)
	defer dev.Close()
	ask := func(config SampleConfig) (*Sampler, error) {
		config.Rows = 10
		return NewSampler(dev, m, config)
	}
	sex, err := ask(SampleConfig{Where: []string{"sex=M"}})
	if err != nil {
		t.Fatal(err)
	}
	age, err := ask(SampleConfig{Where: []string{"age=50.."}})
	if err != nil {
		t.Fatal(err)
	}
	if sex.Probability() != age.Probability() || sex.Probability() == 1 {
		t.Errorf("sex=M has probability %g, age=50.. %g", sex.Probability(), age.Probability())
	}
	var refused *ConditionError
	if _, err := ask(SampleConfig{Where: []string{"sex=M", "age=..40"}}); !errors.As(err, &refused) {
		t.Errorf("a condition that the rules exclude: %v", err)
	}
}

// What becomes of a row does not depend on the threads; the first row that cannot
// be kept is named.
func TestKeeper(t *testing.T) {
	codec, _ := smallTable(t)
	rules, err := codec.CompileRules(smallRules)
	if err != nil {
		t.Fatal(err)
	}
	m := &openModel{domain: &tabular.Domain{Codec: codec, Rules: rules}} // of one cell a column
	for j := range 3 {
		m.columns = append(m.columns, following(codec.Size(j), 1))
	}
	if m.mixture, err = mixture.New([]float32{1, 1, 1}, []int{1, 1, 1}); err != nil {
		t.Fatal(err)
	}
	c := &conditioned{Mixture: m.mixture, decoders: newDecoders(m.columns, make([]wantedCodes, 3))}
	random := rand.New(rand.NewPCG(1, 2))
	columns := make([][]uint32, 3)
	for j := range columns {
		for range 5000 {
			columns[j] = append(columns[j], random.Uint32N(codec.Size(j)))
		}
	}
	keep := func(fixed func(int) []bool) ([][]uint32, error) {
		out := [][]uint32{slices.Clone(columns[0]), slices.Clone(columns[1]), slices.Clone(columns[2])}
		k := keeper{rules: rules, seed: 4, make: m.choosers(c)}
		return out, k.keep(out, fixed)
	}
	first, err := keep(func(int) []bool { return nil })
	if err != nil || broken(rules, first) > 0 {
		t.Fatalf("%d rows broken, %v", broken(rules, first), err)
	}
	if again, _ := keep(func(int) []bool { return nil }); !reflect.DeepEqual(first, again) {
		t.Error("the same rows are kept in another way")
	}
	bad := 0 // the first row that no change mends
	for columns[1][bad] == columns[0][bad]/50 {
		bad++
	}
	_, err = keep(func(i int) []bool { return []bool{i >= bad, i >= bad, i >= bad} })
	if !errors.Is(err, tabular.ErrRules) {
		t.Errorf("row %d: %v", bad, err)
	}
}

func TestDetermined(t *testing.T) {
	codec, _ := smallTable(t)
	rules, err := codec.CompileRules(smallRules)
	if err != nil {
		t.Fatal(err)
	}
	got := rules.Determined()
	if d, ok := got[1]; len(got) != 1 || !ok || d.Source != 0 || d.Of(49) != 0 || d.Of(50) != 1 {
		t.Errorf("%+v", got)
	}
	if d := got[1]; !reflect.DeepEqual(d.Sources(tabular.CodeSet{{From: 1, To: 2}}), tabular.CodeSet{{From: 50, To: 100}}) {
		t.Error("sources of M are not the ages from 50")
	}
	if len((*tabular.Rules)(nil).Determined()) != 0 {
		t.Error("no rules determine a column")
	}
}

// The blend goes from the table to what is public as the noise or the confidence
// grows, and lies in the middle where both are as sure.
func TestBlend(t *testing.T) {
	noisy, public := []float64{.6, .4}, []float64{.5, .5}
	one := []int{1, 1}
	for _, tt := range []struct {
		noise, rows, confidence, want float64
	}{
		{0, 1000, 1000, .55},
		{0, 1e9, 1, .6},
		{0, 1, 1e9, .5},
		{1e9, 1000, 1, .5},
		{math.Sqrt(250), 1000, 500, .55}, // twice the variance of 1000 rows, as 500 have
	} {
		got := blend(noisy, public, one, tt.noise, tt.rows, tt.confidence)
		if math.Abs(got[0]-tt.want) > 1e-4 || math.Abs(got[0]+got[1]-1) > 1e-12 {
			t.Errorf("noise %g, rows %g, confidence %g: %v, want %g", tt.noise, tt.rows, tt.confidence, got, tt.want)
		}
	}
	if got := blend([]float64{-.1, 1.1}, []float64{0, 1}, one, 10, 1000, 1000); got[0] < 0 || math.IsNaN(got[0]) || math.Abs(got[0]+got[1]-1) > 1e-12 {
		t.Errorf("shares of 0 and 1: %v", got)
	}
}

func TestWithPublic(t *testing.T) {
	codec, _ := smallTable(t)
	rules, err := codec.CompileRules([]tabular.Rule{{Marginal: "age", Shares: tabular.Shares{{Name: "0..29", Share: .5}}, Confidence: 1e12}})
	if err != nil {
		t.Fatal(err)
	}
	m := rules.Marginals()[0]
	// The second bin has 10 of its 40 codes in the group.
	edges, counts := []uint32{0, 20, 60, 100}, []float64{100, 200, 300}
	got := withPublic(counts, edges, 5, 600, &m)
	// The group has 100 + 50 of 600 rows and is to have 300; the rest 150 + 300.
	for b, want := range []float64{100 + 100, 200 + 50 - 50, 300 - 100} {
		if math.Abs(got[b]-want) > 1e-3 {
			t.Errorf("bin %d: %v, want %v", b, got[b], want)
		}
	}
	m.Confidence = 1e-9
	for b, n := range withPublic(counts, edges, 5, 600, &m) {
		if math.Abs(n-counts[b]) > 1e-3 {
			t.Errorf("without confidence bin %d changed from %v to %v", b, counts[b], n)
		}
	}
	// A group whose noisy count is not above 0 takes its share evenly.
	m.Confidence = 1e12
	if got := withPublic([]float64{-3, -1, 604}, edges, 5, 600, &m); got[0] < 100 || math.Abs(got[0]+got[1]+got[2]-600) > 1e-6 {
		t.Errorf("%v, want about 300 rows below 30", got)
	}
}

// In pure mode too the rows keep to what is publicly known of a column, if that is
// known better than the noisy table tells it.
func TestPublicSharesInPureMode(t *testing.T) {
	s, columns := quickSettings(t, ModePure, 3)
	s.Domain = domainOf(t, s.Domain.Codec, []tabular.Rule{{Marginal: "sex", Shares: tabular.Shares{{Name: "F", Share: .9}, {Name: "M", Share: .1}}, Confidence: 1e9}}...)
	result := mustTrain(t, s, columns) // of whom half are F
	share := 0.0
	for _, code := range sample(t, result.Model, 2, 4000)[1] {
		if code == 0 {
			share += 1.0 / 4000
		}
	}
	if math.Abs(share-0.9) > 0.04 {
		t.Errorf("a share of %.3f, want .9", share)
	}
}
