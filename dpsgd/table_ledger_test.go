package dpsgd

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// A resumed run must name the table's ledger; there is no way around it.
func TestTheTablesLedgerMustBeNamed(t *testing.T) {
	r := interrupted(t, true)
	r.config.Ledger, r.config.TableEpsilon = "", 0
	for _, r.start.ChargeMissing = range []bool{false, true} {
		if _, err := OpenBudget(r.config, r.start); !errors.Is(err, accounting.ErrLedger) || !strings.Contains(err.Error(), "table.jsonl") {
			t.Errorf("resumed without: %v", err)
		}
	}
}

// The first run fixes (ε, δ) of the table. A later one that names others is refused,
// one that names none gets them, and δ cannot be stretched.
func TestTheTotalIsFixed(t *testing.T) {
	folder := t.TempDir()
	first := DefaultConfig()
	first.Ledger, first.TableEpsilon = filepath.Join(folder, "table.jsonl"), 2
	if err := openTestBudget(t, first, "first", filepath.Join(folder, "first.jsonl")).Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		epsilon, delta float64
		want           []string
	}{
		"other ε":        {3, 0, []string{"table_epsilon=3", "table_epsilon=2"}},
		"other δ":        {2, 0.1, []string{"table_delta=0.1", "table_delta=1e-05"}},
		"both":           {3, 0.1, []string{"table_epsilon=3", "table_delta=0.1"}},
		"the same":       {2, 1e-5, nil},
		"ε alone":        {2, 0, nil},
		"nothing at all": {0, 0, nil},
	} {
		later := first
		later.TargetDelta, later.TableEpsilon, later.TableDelta = 0.1, c.epsilon, c.delta
		opened, err := OpenBudget(later, Start{Run: name, Ledger: filepath.Join(folder, name+".jsonl")})
		planned, planErr := PlanBudget(later)
		if errors.Is(err, accounting.ErrLedger) != (c.want != nil) || errors.Is(planErr, accounting.ErrLedger) != (c.want != nil) {
			t.Errorf("%s: opened %v, planned %v", name, err, planErr)
			continue
		}
		if err != nil {
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %q is not in %q", name, want, err)
				}
			}
			continue
		}
		for _, b := range []*Budget{opened, planned} {
			total, err := b.TableTotal()
			if err != nil || total == nil || *total != (TableTotal{2, 1e-5, 2}) {
				t.Errorf("%s: total %+v, %v", name, total, err)
			}
		}
		if err := opened.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A phase is reserved whole for the table, and what was not taken is not given back.
func TestPhasesAreNotRefunded(t *testing.T) {
	r := interrupted(t, true)
	records, _, err := accounting.ReadLedger(r.config.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	events, err := accounting.SpentOf(records)
	if err != nil {
		t.Fatal(err)
	}
	step := StepConfig{SampleRate: 0.01, NoiseMultiplier: 1}
	if n := countOf(events, step.Event(1)); n != 100 || len(records) != 6 { // header, two charges, what was taken
		t.Errorf("%d steps in %d lines, want the planned 100 as one event", n, len(records))
	}
}
