package dpsgd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// A folder of a run that is put back as it was earlier, checkpoint and all, does not
// give back the steps taken since: the table's ledger says how many there were.
func TestAnEarlierCopyRefundsNoSteps(t *testing.T) {
	r := interrupted(t, true)
	before, err := os.ReadFile(r.start.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	b, err := OpenBudget(r.config, r.start)
	if err != nil {
		t.Fatal(err)
	}
	step := StepConfig{SampleRate: 0.01, NoiseMultiplier: 1}
	blocks, err := NewBlocks(b, step, 7, 60)
	if err := errors.Join(err, blocks.Take(), blocks.Settle(), b.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.start.Ledger, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenBudget(r.config, r.start); !errors.Is(err, accounting.ErrLedger) || !strings.Contains(err.Error(), "run.jsonl") {
		t.Fatalf("an earlier copy is resumed: %v", err)
	}
	r.start.ChargeMissing = true
	if b, err = OpenBudget(r.config, r.start); err != nil {
		t.Fatal(err)
	}
	if blocks, err := NewBlocks(b, step, 7, 60); err != nil || blocks.Limit() != 59 {
		t.Errorf("%d steps are granted, the lost one again, %v", blocks.Limit(), err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	r.start.ChargeMissing = false
	if b, err = OpenBudget(r.config, r.start); err != nil {
		t.Fatalf("after it was charged: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// Undamaged ledgers are as good after a crash, which leaves blocks open, and after
// the file was moved.
func TestWholeLedgersAreResumed(t *testing.T) {
	r := interrupted(t, true)
	moved := filepath.Join(r.folder, "moved.jsonl")
	if err := os.Rename(r.config.Ledger, moved); err != nil {
		t.Fatal(err)
	}
	r.config.Ledger = moved
	r.goesOn(t)
	own, err := accounting.OpenLedger(r.start.Ledger, accounting.Header{})
	if err != nil {
		t.Fatal(err)
	}
	step := StepConfig{SampleRate: 0.01, NoiseMultiplier: 1}
	if _, err := own.Reserve("run", step.Event(7)); err != nil {
		t.Fatal(err)
	}
	if err := own.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := OpenBudget(r.config, r.start)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close() //nolint:errcheck // nothing was written
	if blocks, err := NewBlocks(b, step, 7, 60); err != nil || blocks.Limit() != 53 {
		t.Errorf("%d steps after 7 were lost: the planned 100 are exceeded, or fewer granted than can be: %v", blocks.Limit(), err)
	}
}
