package dpsgd

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// interruptedRun is a run that paid for tables and for 40 of 100 planned steps, and
// what its checkpoint knows.
type interruptedRun struct {
	t      *testing.T
	folder string
	config Config
	start  Start
}

func interrupted(t *testing.T, table bool) *interruptedRun {
	t.Helper()
	r := &interruptedRun{t: t, folder: t.TempDir(), config: DefaultConfig()}
	if table {
		r.config.Ledger, r.config.TableEpsilon = filepath.Join(r.folder, "table.jsonl"), 5
	}
	r.start = Start{Run: "run", Ledger: filepath.Join(r.folder, "run.jsonl")}
	b := openTestBudget(t, r.config, r.start.Run, r.start.Ledger)
	defer b.Close() //nolint:errcheck // the files are read below
	step := StepConfig{BatchSize: 10, SampleRate: 0.01, MaxGradNorm: 1, NoiseMultiplier: 1}
	if err := b.Charge(tablesOf(3, 40).event()); err != nil {
		t.Fatal(err)
	}
	blocks, err := NewBlocks(b, step, 7, 100)
	if err != nil || blocks.Limit() != 100 {
		t.Fatalf("%d steps, %v", blocks.Limit(), err)
	}
	for range 40 {
		if err := blocks.Take(); err != nil {
			t.Fatal(err)
		}
	}
	r.start.Resumed = &Remembered{Events: blocks.Spent(), Phase: step.Event(100), Table: b.Table()}
	if err := blocks.Settle(); err != nil {
		t.Fatal(err)
	}
	return r
}

// cut leaves the first lines of a file.
func (r *interruptedRun) cut(name string, lines int) {
	r.t.Helper()
	path := filepath.Join(r.folder, name)
	whole, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Join(bytes.SplitAfter(whole, []byte("\n"))[:lines], nil), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *interruptedRun) remove(name string) {
	r.t.Helper()
	if err := os.Remove(filepath.Join(r.folder, name)); err != nil {
		r.t.Fatal(err)
	}
}

// A ledger that holds less than the checkpoint or the other ledger is refused, with
// what is missing; charged again, the run goes on and has spent it in either.
func TestLedgersThatForgetAreRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: prices many phases, on one thread")
	}
	const tables, steps40, steps100 = "3 × ", "40 × poisson_gaussian", "100 × poisson_gaussian"
	for name, c := range map[string]struct {
		table  bool
		damage func(r *interruptedRun)
		want   []string
	}{
		"own ledger removed":            {false, func(r *interruptedRun) { r.remove("run.jsonl") }, []string{"run.jsonl", tables, steps40}},
		"own ledger cut":                {false, func(r *interruptedRun) { r.cut("run.jsonl", 3) }, []string{"run.jsonl", steps40}},
		"own ledger removed, two":       {true, func(r *interruptedRun) { r.remove("run.jsonl") }, []string{"run.jsonl", tables, steps40}},
		"table's ledger cut":            {true, func(r *interruptedRun) { r.cut("table.jsonl", 3) }, []string{"table.jsonl", steps100}},
		"table's ledger cut to nothing": {true, func(r *interruptedRun) { r.cut("table.jsonl", 1) }, []string{"table.jsonl", tables, steps100}},
		"table's ledger removed":        {true, func(r *interruptedRun) { r.remove("table.jsonl") }, []string{"no such file", "table.jsonl"}},
		"another ledger": {true, func(r *interruptedRun) { r.config.Ledger = filepath.Join(r.folder, "other.jsonl"); r.touch() },
			[]string{"other.jsonl", "table.jsonl", "not the one"}},
		"a ledger only now": {false, func(r *interruptedRun) { r.config.Ledger = filepath.Join(r.folder, "new.jsonl") },
			[]string{"new.jsonl", tables, steps100}},
		"both cut": {true, func(r *interruptedRun) { r.cut("run.jsonl", 1); r.cut("table.jsonl", 1) },
			[]string{"run.jsonl", "table.jsonl"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := interrupted(t, c.table)
			c.damage(r)
			b, err := OpenBudget(r.config, r.start)
			if !errors.Is(err, accounting.ErrLedger) {
				t.Fatalf("opened: %v, %v", b, err)
			}
			for _, want := range append(c.want, "--charge-missing") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
			r.start.ChargeMissing = true
			r.goesOn(t)
			r.start.ChargeMissing = false
			if r.start.Resumed.Table != nil { // as the next checkpoint says
				r.start.Resumed.Table = r.table()
			}
			r.goesOn(t)
		})
	}
}

// What either ledger holds of a run beyond its checkpoint, the other must hold too; and
// no release makes up for one of other noise.
func TestLedgersAreHeldAgainstEachOther(t *testing.T) {
	refused := func(r *interruptedRun, want ...string) {
		t.Helper()
		b, err := OpenBudget(r.config, r.start)
		if !errors.Is(err, accounting.ErrLedger) {
			t.Fatalf("opened: %v, %v", b, err)
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q is not in %q", w, err)
			}
		}
	}
	charge := func(r *interruptedRun, e accounting.Event) {
		t.Helper()
		b := openTestBudget(t, r.config, r.start.Run, r.start.Ledger)
		if err := errors.Join(b.Charge(e), b.Close()); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"run.jsonl", "table.jsonl"} {
		r := interrupted(t, true)
		before, _, err := accounting.ReadLedger(filepath.Join(r.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		charge(r, tablesOf(2, 50).event())
		r.cut(name, len(before))
		refused(r, name, "2 × gaussian", "joint tables")
	}
	// After a crash the table's ledger does not say how far the run's own had come, but
	// it holds what was charged.
	r := interrupted(t, true)
	before, _, err := accounting.ReadLedger(filepath.Join(r.folder, "run.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	charge(r, tablesOf(2, 50).event())
	table, _, err := accounting.ReadLedger(r.config.Ledger)
	if err != nil || table[len(table)-1].Taken == nil {
		t.Fatal(err, table)
	}
	r.cut("table.jsonl", len(table)-1)
	r.cut("run.jsonl", len(before))
	refused(r, "run.jsonl", "2 × gaussian", "joint tables")

	r = interrupted(t, false)
	r.remove("run.jsonl")
	charge(r, tablesOf(3, 41).event())
	charge(r, StepConfig{SampleRate: 0.01, NoiseMultiplier: 2}.Event(100))
	refused(r, "3 × gaussian", "40 × poisson_gaussian")
}

// touch makes the ledger of another table.
func (r *interruptedRun) touch() {
	r.t.Helper()
	l, err := accounting.OpenLedger(r.config.Ledger, r.config.ledgerHeader())
	if err := errors.Join(err, l.Close()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *interruptedRun) table() *TableLedger {
	r.t.Helper()
	records, _, err := accounting.ReadLedger(r.config.Ledger)
	if err != nil {
		r.t.Fatal(err)
	}
	return &TableLedger{r.config.Ledger, records[0].Header.ID}
}

// goesOn resumes the run, which has spent what it had.
func (r *interruptedRun) goesOn(t *testing.T) {
	t.Helper()
	b, err := OpenBudget(r.config, r.start)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close() //nolint:errcheck // nothing was written
	if missing := lacking(b.Spent(), r.start.Resumed.Events); len(missing) > 0 {
		t.Errorf("resumed, but not spent: %v", missing)
	}
	step := StepConfig{SampleRate: 0.01, NoiseMultiplier: 1}
	if b.tableLedger != nil && countOf(b.tableLedger.Spent("run"), step.Event(1)) != 100 {
		t.Errorf("the table's ledger holds %v", b.tableLedger.Spent("run"))
	}
	blocks, err := NewBlocks(b, step, 7, 100-40)
	if err != nil || blocks.Limit() != 60 {
		t.Errorf("%d of the last 60 steps, %v", blocks.Limit(), err)
	}
}
