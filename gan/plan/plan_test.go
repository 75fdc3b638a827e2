package plan

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
)

const rows = 20_000

// settings are those of a run on a table of two numbers and two categories.
func settings(t *testing.T) gan.Settings {
	t.Helper()
	schema := tabular.Schema{Columns: []tabular.Column{
		{Name: "a", Type: tabular.Integer, Bounds: []any{0, 99}}, {Name: "b", Type: tabular.Categorical, Values: []string{"x", "y"}},
		{Name: "c", Type: tabular.Integer, Bounds: []any{0, 99}}, {Name: "d", Type: tabular.Categorical, Values: []string{"x", "y", "z"}},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	domain, err := tabular.NewDomain(codec, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := gan.Settings{Domain: domain, Model: nets.DefaultModelConfig(), Training: gan.DefaultTrainingConfig(), Privacy: dpsgd.DefaultConfig()}
	s.Privacy.Accountant = string(accounting.RDP) // seconds faster than PLD
	s.Model.Generator.Atoms = 8
	return s
}

func mustPlan(t *testing.T, s gan.Settings, gaps []tabular.Gap) *Plan {
	t.Helper()
	p, err := New(s, gaps, rows)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What is planned fits the budget, uses it up, and is less noisy with more of it.
func TestNewFitsTheBudget(t *testing.T) {
	last := math.Inf(1)
	for _, epsilon := range []float64{0.5, 1, 4} {
		s := settings(t)
		s.Privacy.TargetEpsilon = epsilon
		p := mustPlan(t, s, nil)
		if p.Epsilon > epsilon || p.Epsilon < 0.95*epsilon {
			t.Errorf("ε=%g is planned, of %g allowed", p.Epsilon, epsilon)
		}
		if p.Tables.NoiseMultiplier >= last {
			t.Errorf("ε=%g: noise %g, not less than %g", epsilon, p.Tables.NoiseMultiplier, last)
		}
		last = p.Tables.NoiseMultiplier
		for _, stage := range p.Stages {
			if stage.EpsilonAlone > p.Epsilon {
				t.Errorf("stage %s alone costs ε=%g, all together %g", stage.Stage, stage.EpsilonAlone, p.Epsilon)
			}
		}
	}
}

// Steps and batch that are left open are those that training takes.
func TestNewSettlesTheTraining(t *testing.T) {
	s := settings(t)
	want := s.Training.WithDefaults(s.Model.Discriminator.Kind, rows)
	if p := mustPlan(t, s, nil); p.Steps != want.Steps || p.BatchSize != want.BatchSize {
		t.Errorf("%d steps of %d, want %d of %d", p.Steps, p.BatchSize, want.Steps, want.BatchSize)
	}
	s.Training.BatchSize = rows + 1
	if _, err := New(s, nil, rows); err == nil || !strings.Contains(err.Error(), "must be at least training.batch_size=20001") {
		t.Errorf("a batch of more rows than there are: %v", err)
	}
}

func TestAdvice(t *testing.T) {
	s := settings(t)
	noise := 0.5
	s.Privacy.TargetDelta, s.Privacy.TargetEpsilon, s.Privacy.NoiseMultiplier = 1e-3, 11, &noise
	s.Training.Steps, s.Training.BatchSize = 20_000, 2000
	p := mustPlan(t, s, nil)
	var sets []string
	for _, a := range p.Advice {
		sets = append(sets, a.Set)
	}
	got := strings.Join(sets, "\n")
	for _, want := range []string{"privacy.target_delta=5e-06", "privacy.target_epsilon=3", "privacy.noise_multiplier=auto, which is "} {
		if !strings.Contains(got, want) {
			t.Errorf("no advice to set %s:\n%s", want, got)
		}
	}
	if p.AffordableSteps >= p.Steps {
		t.Errorf("%d of %d steps are affordable", p.AffordableSteps, p.Steps)
	}
}

// What discovery costs comes first, and leaves less for the rest.
func TestDiscoveryIsCharged(t *testing.T) {
	s := settings(t)
	plain := mustPlan(t, s, nil)
	gaps := []tabular.Gap{{Column: 0, Name: "a", Fact: tabular.FactBounds}}
	s.Privacy.Discovery.Bounds = 0.6
	dear := mustPlan(t, s, gaps)
	s.Privacy.Discovery.Bounds = 0.3
	p := mustPlan(t, s, gaps)
	if len(p.Discovery) != 1 || p.Discovery[0].Question != dpsgd.AskBounds || len(p.Stages) != len(plain.Stages)+1 {
		t.Fatalf("discovery %+v in %d stages", p.Discovery, len(p.Stages))
	}
	if !p.Filter || p.Epsilon != s.Privacy.TargetEpsilon {
		t.Errorf("ε=%g, filter %t: what is found sets up the rest, so a filter keeps the target", p.Epsilon, p.Filter)
	}
	if p.Tables.NoiseMultiplier >= dear.Tables.NoiseMultiplier {
		t.Errorf("noise %g, and %g after a discovery that costs twice as much", p.Tables.NoiseMultiplier, dear.Tables.NoiseMultiplier)
	}
	text, err := json.Marshal(p)
	if err != nil || strings.Contains(string(text), "finds ranges") {
		t.Errorf("%v: the words of a price are no part of %s", err, text)
	}
}

func TestRefuseGapsNamesBothWays(t *testing.T) {
	gaps := []tabular.Gap{{Name: "a", Fact: tabular.FactBounds}, {Column: 1, Name: "b", Fact: tabular.FactValues}}
	err := RefuseGaps(gaps, dpsgd.DefaultConfig())
	for _, want := range []string{
		"data.columns: 2 facts not declared",
		`column "a": bounds missing: declare them, or set privacy.discovery.bounds, such as 0.04 for all 1 column (finds ranges that hold about `,
		`column "b": values missing: declare them, or set privacy.discovery.categories, such as 0.08 for all 1 column (finds values that about `,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}

// A first run has the whole total, whatever the ledger holds, and does not open it.
func TestFirstRunForgetsTheLedger(t *testing.T) {
	s := settings(t)
	alone, err := FirstRun(s, nil, rows)
	if err != nil {
		t.Fatal(err)
	}
	s.Privacy.TableEpsilon, s.Privacy.TableDelta, s.Privacy.TargetEpsilon = s.Privacy.TargetEpsilon, s.Privacy.TargetDelta, 100
	s.Privacy.Ledger = t.TempDir() // cannot be opened as a file
	shared, err := FirstRun(s, nil, rows)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shared.Releases.NoiseMultiplier, alone.Releases.NoiseMultiplier; got != want {
		t.Errorf("noise %g, want %g", got, want)
	}
	if s.Privacy.Ledger == "" {
		t.Error("the caller's settings were changed")
	}
}

func TestTimeSteps(t *testing.T) {
	dev, err := cpu.Open(1, device.SinglePrecision)
	if err != nil {
		t.Fatal(err)
	}
	s := settings(t)
	s.Training.BatchSize, s.Training.Steps = 100, 10
	p := mustPlan(t, s, nil)
	if err := errors.Join(p.TimeSteps(dev), dev.Close()); err != nil {
		t.Fatal(err)
	}
	if p.Time == nil || p.Time.Seconds <= 0 || p.Time.SecondsPerStep <= 0 {
		t.Errorf("time %+v", p.Time)
	}
}
