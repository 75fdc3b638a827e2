package dpsgd

import (
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// Where the noise is given and the table has less left than the run may spend, steps
// end at the table's total: all that fit, and not one more.
func TestStepsEndAtTheTablesTotal(t *testing.T) {
	folder, config := t.TempDir(), DefaultConfig()
	config.Accountant, config.TargetEpsilon, config.TableEpsilon = string(accounting.RDP), 3, 1
	config.Ledger = filepath.Join(folder, "table.jsonl")
	step := StepConfig{BatchSize: 100, SampleRate: 0.01, MaxGradNorm: 1, NoiseMultiplier: 1.5}
	b := openTestBudget(t, config, "run", filepath.Join(folder, "run.jsonl"))
	defer b.Close() //nolint:errcheck // what was written was checked
	steps := spendAll(t, b, step, 100_000)
	spent, err := b.Epsilon()
	if err != nil {
		t.Fatal(err)
	}
	over, err := accounting.RDP.Epsilon([]accounting.Event{step.Event(steps + 1)}, config.TargetDelta)
	if err != nil || spent > 1 || over <= 1 {
		t.Errorf("%d steps cost %g of the table's 1, one more %g: %v", steps, spent, over, err)
	}
}
