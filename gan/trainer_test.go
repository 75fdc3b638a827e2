package gan

import (
	"context"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
	"gonum.org/v1/gonum/floats"
)

// A run keeps its target in each mode and uses nearly all of it, takes the steps it was
// told to, and its model samples the same rows when read back.
func TestTrainSaveLoadSample(t *testing.T) {
	shares := maps.Clone(modes)
	shares["auto"] = dpsgd.Shares{}
	for mode, of := range shares {
		t.Run(mode, func(t *testing.T) {
			s, columns := modeSettings(t, marginal.ModePure, 1)
			s.Privacy.Budget = of
			steps := 12
			if mode == marginal.ModeMarginals {
				steps = 0
			}
			result := mustTrain(t, s, columns)
			if result.Epsilon > result.TargetEpsilon || result.Epsilon < 0.98*result.TargetEpsilon || result.Steps != steps || result.StoppedBy != "steps" {
				t.Errorf("spent %g of %g in %d steps, stopped by %s", result.Epsilon, result.TargetEpsilon, result.Steps, result.StoppedBy)
			}
			loaded := throughFile(t, result.Model)
			before, after := drawn(t, result.Model, 9, 200), drawn(t, loaded, 9, 200)
			if !reflect.DeepEqual(before, after) {
				t.Error("a loaded model samples other rows")
			}
			if reflect.DeepEqual(after, drawn(t, loaded, 10, 200)) {
				t.Error("another seed gives the same rows")
			}
			for j := range after {
				if most := slices.Max(after[j]); most >= s.Domain.Size(j) {
					t.Errorf("column %d: code %d of %d", j, most, s.Domain.Size(j))
				}
			}
		})
	}
}

// With little noise a run of either mode that trains finds that one column follows from
// another, and how often each value occurs.
func TestTrainedModelsKnowTheTable(t *testing.T) {
	tabulartest.SkipShort(t)
	for _, mode := range []string{marginal.ModePure, marginal.ModeGAN} {
		s, columns := modeSettings(t, mode, 2)
		s.Privacy.TargetEpsilon = 60
		s.Training.Steps, s.Training.BatchSize = 40, 150
		s.Training.DetectDependencies = false
		const n = 4000
		rows := drawn(t, mustTrain(t, s, columns).Model, 3, n)
		alike, women, low := 0.0, 0.0, 0.0
		for i, age := range rows[0] {
			if (age >= 50) == (rows[1][i] == 1) {
				alike += 1.0 / n
			}
			women += float64(1-rows[1][i]) / n
			if rows[2][i] == 0 {
				low += 1.0 / n
			}
		}
		if alike < 0.9 || women < 0.45 || women > 0.55 || low < 0.2 || low > 0.3 {
			t.Errorf("%s: sex follows from age in %.2f of the rows, %.2f are F, %.2f are low; want 1, .5 and .25", mode, alike, women, low)
		}
	}
}

// With fixed keys a run repeats exactly; without, no two are alike.
func TestOnlyInsecureSeedsRepeat(t *testing.T) {
	tabulartest.SkipShort(t)
	run := func(kind string, seed *uint64) map[string]any {
		s, columns := quickSettings(t, marginal.ModeGAN, 0)
		s.InsecureSeed, s.Model.Discriminator.Kind = seed, kind
		result := mustTrain(t, s, columns)
		if result.Model.Privacy().Insecure != (seed != nil) {
			t.Errorf("the privacy statement hides how keys were made")
		}
		return valuesOf(result.Model)
	}
	seed := uint64(5)
	for _, kind := range []string{nets.KindSecondOrder, nets.KindMLP} {
		if a, b := run(kind, &seed), run(kind, &seed); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: the same insecure seed gave two models", kind)
		}
	}
	if a, b := run(nets.KindSecondOrder, nil), run(nets.KindSecondOrder, nil); reflect.DeepEqual(a["generator.heads.bias"], b["generator.heads.bias"]) {
		t.Error("two secure runs gave the same model")
	}
}

// valuesOf are the parameters of m.
func valuesOf(m *model.Model) map[string]any {
	values := map[string]any{}
	for name, tensor := range m.Generator().Tensors {
		values[name] = tensor.Data()
	}
	return values
}

// A run can have any number of steps.
func TestFewSteps(t *testing.T) {
	for _, kind := range []string{nets.KindSecondOrder, nets.KindMLP} {
		for _, steps := range []int{1, 2, 3, 5} {
			s, columns := quickSettings(t, marginal.ModePure, 3)
			s.Model.Discriminator.Kind, s.Training.Steps = kind, steps
			result := mustTrain(t, s, columns)
			if result.Steps != steps || result.StoppedBy != "steps" || stepsOnDisk(t, &s) != steps {
				t.Errorf("%s: %d steps of %d, stopped by %s, %d paid", kind, result.Steps, steps, result.StoppedBy, stepsOnDisk(t, &s))
			}
			drawn(t, result.Model, 1, 10)
		}
	}
}

// A run without a pair to look at goes without steps, also if only its tables told so; of one
// column it knows how often each value occurs.
func TestRunsThatHaveNothingToLookAt(t *testing.T) {
	sexes := tabulartest.Compile(t, []tabular.Column{{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M", "X"}}})
	column := make([]uint32, 3000)
	for i := range column {
		column[i] = min(uint32(i)%10/7, 1) // 70 % F, 30 % M
	}
	for mode, budget := range modes {
		s := smallSettings(t, sexes, 4)
		s.Privacy.Budget, s.Privacy.TargetEpsilon = budget, 20
		result := mustTrain(t, s, [][]uint32{column})
		if result.Steps != 0 || result.StoppedBy != "steps" || result.Epsilon < 0.98*s.Privacy.TargetEpsilon {
			t.Errorf("%s, one column: %d steps, stopped by %s at ε=%g", mode, result.Steps, result.StoppedBy, result.Epsilon)
		}
		often := make([]float64, 3)
		for _, code := range drawn(t, result.Model, 1, 3000)[0] {
			often[code] += 1.0 / 3000
		}
		if floats.Distance(often, []float64{0.7, 0.3, 0}, math.Inf(1)) > 0.01 {
			t.Errorf("%s, one column: shares %.3f, want .7, .3 and 0", mode, often)
		}
	}
	codec, columns := tabulartest.CodeAndName(t, 4000)
	two := tabulartest.Compile(t, codec.Schema().Columns[:2])
	for _, kind := range []string{nets.KindSecondOrder, nets.KindMLP} {
		s := smallSettings(t, two, 4)
		s.Privacy.Budget, s.Privacy.NoiseMultiplier, s.Model.Discriminator.Kind = modes[marginal.ModeGAN], new(20.0), kind
		result := mustTrain(t, s, columns[:2])
		if found := result.Model.Privacy().Found; len(found) != 1 {
			t.Fatalf("found %+v, so this tests nothing", found)
		}
		for i, rows := 0, drawn(t, result.Model, 1, 500); i < 500; i++ {
			if rows[1][i] != 3-rows[0][i] {
				t.Fatalf("%s: code %d has name %d", kind, rows[0][i], rows[1][i])
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Settings)
		rows   int
		want   error
		text   string
	}{
		{"batch larger than the table", func(s *Settings) { s.Training.BatchSize = 301 }, 300, ErrData, "training.batch_size=301"},
		{"one row", func(*Settings) {}, 1, ErrData, "training.batch_size=30"},
		{"no rows", func(*Settings) {}, 0, ErrData, "no rows"},
		{"budget below one step", func(s *Settings) { s.Privacy.NoiseMultiplier, s.Privacy.TargetEpsilon = new(0.3), 0.05 }, 300, dpsgd.ErrBudget, "target_epsilon=0.05"},
	} {
		s, columns := modeSettings(t, marginal.ModePure, 3)
		c.change(&s)
		part := make([][]uint32, len(columns))
		for j := range part {
			part[j] = columns[j][:c.rows]
		}
		if _, err := train(t, context.Background(), s, part); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", c.name, err)
		}
		spentNothing(t, c.name, s)
	}
}

// spentNothing expects no release in the ledger of a refused run.
func spentNothing(t *testing.T, name string, s Settings) {
	t.Helper()
	if ledger, err := os.ReadFile(filepath.Join(s.Directory, "ledger.jsonl")); err == nil && strings.Contains(string(ledger), "gaussian") {
		t.Errorf("%s: a refused run spent something: %s", name, ledger)
	}
}

// A run whose noise is given ends at the last step that fits, with a model that knows
// what so many steps tell.
func TestStopsBeforeTheStepThatWouldOverspend(t *testing.T) {
	tabulartest.SkipShort(t)
	for mode, kind := range map[string]string{marginal.ModePure: nets.KindSecondOrder, marginal.ModeGAN: nets.KindMLP} {
		s, columns := modeSettings(t, mode, 4)
		s.Privacy.NoiseMultiplier, s.Training.Steps, s.Model.Discriminator.Kind = new(6.0), 10_000, kind
		s.Training.BatchSize = 150
		result := mustTrain(t, s, columns)
		if result.StoppedBy != "budget" || result.Steps >= 10_000 || result.Steps < 10 || result.Epsilon > s.Privacy.TargetEpsilon {
			t.Errorf("%s: stopped by %s after %d steps at ε %g of %g", mode, result.StoppedBy, result.Steps, result.Epsilon, s.Privacy.TargetEpsilon)
		}
		statement := result.Model.Privacy()
		step := dpsgd.StepConfig{SampleRate: statement.SampleRate, NoiseMultiplier: statement.NoiseMultiplier}
		if over := epsilonWithOneMore(t, statement, step); over <= s.Privacy.TargetEpsilon {
			t.Errorf("%s: one more step would have fitted: ε %g of %g", mode, over, s.Privacy.TargetEpsilon)
		}
		c := checkpointOf(t, s)
		if net := int(c.NetSteps); (net > 0) != (kind == nets.KindMLP) || c.steps() != result.Steps {
			t.Errorf("%s: %d of %d steps are the net's", mode, net, result.Steps)
		}
		// Where more steps are asked for than are paid, the model is the one of so many.
		few, columns := modeSettings(t, mode, 4)
		few.Privacy.NoiseMultiplier, few.Training.Steps, few.Model.Discriminator.Kind = new(6.0), result.Steps, kind
		few.Training.BatchSize = 150
		if same := mustTrain(t, few, columns); same.StoppedBy != "steps" || !reflect.DeepEqual(valuesOf(same.Model), valuesOf(result.Model)) {
			t.Errorf("%s: a run of %d steps that stopped by %s has another model", mode, result.Steps, same.StoppedBy)
		}
	}
}
