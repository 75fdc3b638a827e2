package dpsgd

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// releases are those of a run without joint tables.
func releases(oneWay int, sampleRate float64, steps int) *Releases {
	r := tablesOf(oneWay, 0)
	r.Share = 0.1
	return &Releases{Counts: []Release{r}, SampleRate: sampleRate, Steps: steps}
}

// A plan and a run calibrate alike, also beside what others spent of the table.
func TestPlanBudgetIsTheBudgetOfARun(t *testing.T) {
	folder := t.TempDir()
	c := DefaultConfig()
	c.Accountant, c.Ledger, c.TableEpsilon = "rdp", filepath.Join(folder, "table.jsonl"), 4
	for run := range 2 {
		before, _ := os.ReadFile(c.Ledger)
		plan, err := PlanBudget(c)
		if err != nil {
			t.Fatal(err)
		}
		planned, got := releases(5, 0.01, 100), releases(5, 0.01, 100)
		planErr := plan.Calibrate(c, planned)
		if after, _ := os.ReadFile(c.Ledger); string(after) != string(before) {
			t.Fatal("a plan wrote to the table's ledger")
		}
		real, err := OpenBudget(c, Start{Run: string(rune('a' + run)), Ledger: filepath.Join(folder, string(rune('a'+run))+".jsonl")})
		if err != nil {
			t.Fatal(err)
		}
		err = real.Calibrate(c, got)
		if (err == nil) != (planErr == nil) || !reflect.DeepEqual(got, planned) {
			t.Errorf("run %d: %+v, %v; planned %+v, %v", run, got, err, planned, planErr)
		}
		if err == nil {
			if err := errors.Join(real.Charge(got.Counts[0].event()),
				real.Charge(StepConfig{SampleRate: 0.01, NoiseMultiplier: got.NoiseMultiplier}.Event(100))); err != nil {
				t.Error(err)
			}
		}
		if err := real.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// With next to nothing left a run is refused, and told what is left.
func TestASpentTableSaysWhatIsLeft(t *testing.T) {
	c := DefaultConfig()
	c.Accountant, c.TargetEpsilon = "rdp", 1
	b, err := PlanBudget(c)
	if err != nil {
		t.Fatal(err)
	}
	r := releases(1, 0.1, 10)
	if err := b.Calibrate(c, r); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Charge(r.Counts[0].event()),
		b.Charge(StepConfig{SampleRate: 0.1, NoiseMultiplier: r.NoiseMultiplier}.Event(10))); err != nil {
		t.Fatal(err)
	}
	spent, err := b.Epsilon()
	if err != nil || spent > 1 || math.Abs(spent-1) > 1e-3 {
		t.Fatalf("spent %g of 1, %v", spent, err)
	}
	if err := b.Calibrate(c, releases(1, 0.1, 10)); !errors.Is(err, ErrBudget) || !strings.Contains(err.Error(), "is left") {
		t.Errorf("err = %v", err)
	}
}
