package gan

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/sample"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// ruledModel trains a small model with rules in a mode.
func ruledModel(t *testing.T, mode string) *model.Model {
	t.Helper()
	s, columns := quickSettings(t, mode, 21)
	s.Domain = tabulartest.Domain(t, s.Domain.Codec, tabulartest.SmallRules...)
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
		if !reflect.DeepEqual(loaded.Domain().Rules.Declared(), tabulartest.SmallRules) {
			t.Errorf("rules in the file: %+v", loaded.Domain().Rules.Declared())
		}
		columns := drawn(t, loaded, 5, rows)
		if n := tabulartest.Broken(loaded.Domain().Rules, columns); n > 0 {
			t.Errorf("%s: %d of %d rows break a rule", mode, n, rows)
		}
		loaded.Domain().Rules = nil
		if tabulartest.Broken(m.Domain().Rules, drawn(t, loaded, 5, 3_000)) == 0 {
			t.Errorf("%s: without rules no row breaks one either: the test shows nothing", mode)
		}
	}
}

// A condition on a column stays as asked, also where another determines it.
func TestConditionsOutrankRules(t *testing.T) {
	for mode := range modes {
		m := ruledModel(t, mode)
		columns, _ := sampleAll(t, m, sample.Config{Seed: 3, Rows: 500, Where: []string{"sex=M"}})
		for i, sex := range columns[1] {
			if sex != 1 || columns[0][i] < 50 {
				t.Fatalf("%s: sex %d at age %d, want M at 50 or more", mode, sex, columns[0][i])
			}
		}
		if tabulartest.Broken(m.Domain().Rules, columns) > 0 {
			t.Errorf("%s: a row breaks a rule", mode)
		}
	}
}

// A column that follows from another is asked for, and refused, by way of it.
func TestConditionsOnDeterminedColumns(t *testing.T) {
	m := ruledModel(t, marginal.ModeMarginals)
	dev := cpu.New(1)
	defer dev.Close()
	ask := func(config sample.Config) (*sample.Sampler, error) {
		config.Rows = 10
		return sample.New(dev, m, config)
	}
	sex, err := ask(sample.Config{Where: []string{"sex=M"}})
	if err != nil {
		t.Fatal(err)
	}
	age, err := ask(sample.Config{Where: []string{"age=50.."}})
	if err != nil {
		t.Fatal(err)
	}
	if sex.Probability() != age.Probability() || sex.Probability() == 1 {
		t.Errorf("sex=M has probability %g, age=50.. %g", sex.Probability(), age.Probability())
	}
	var refused *sample.ConditionError
	if _, err := ask(sample.Config{Where: []string{"sex=M", "age=..40"}}); !errors.As(err, &refused) {
		t.Errorf("a condition that the rules exclude: %v", err)
	}
}

// In pure mode too the rows keep to what is publicly known of a column, if that is
// known better than the noisy table tells it.
func TestPublicSharesInPureMode(t *testing.T) {
	s, columns := quickSettings(t, marginal.ModePure, 3)
	s.Domain = tabulartest.Domain(t, s.Domain.Codec, []tabular.Rule{{Marginal: "sex", Shares: tabular.Shares{{Name: "F", Share: .9}, {Name: "M", Share: .1}}, Confidence: 1e9}}...)
	result := mustTrain(t, s, columns) // of whom half are F
	share := 0.0
	for _, code := range drawn(t, result.Model, 2, 4000)[1] {
		if code == 0 {
			share += 1.0 / 4000
		}
	}
	if math.Abs(share-0.9) > 0.04 {
		t.Errorf("a share of %.3f, want .9", share)
	}
}
