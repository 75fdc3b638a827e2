package dpsgd

import (
	"errors"
	"math"
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
	total, err := accounting.NewFilter(1, config.TargetDelta, TableReserve)
	if err != nil {
		t.Fatal(err)
	}
	within, err := total.Epsilon([]accounting.Event{step.Event(steps)})
	if err != nil {
		t.Fatal(err)
	}
	over, err := total.Epsilon([]accounting.Event{step.Event(steps + 1)})
	if err != nil || within > 1 || over <= 1 {
		t.Errorf("%d steps cost %g of the table's 1, one more %g: %v", steps, within, over, err)
	}
}

// Releases of one run add up in the table's total: the third that takes 45 % of it is
// refused.
func TestUnitsAddUpToTheTotal(t *testing.T) {
	folder, config := t.TempDir(), DefaultConfig()
	config.TargetEpsilon, config.TableEpsilon = 10, 1
	config.Ledger = filepath.Join(folder, "table.jsonl")
	filter, err := accounting.NewFilter(config.TableEpsilon, config.TargetDelta, TableReserve)
	if err != nil {
		t.Fatal(err)
	}
	sigma, err := filter.GaussianNoise(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := openTestBudget(t, config, "run", filepath.Join(folder, "run.jsonl"))
	defer b.Close() //nolint:errcheck // what was written was checked
	share := accounting.Event{Mechanism: accounting.Gaussian, NoiseMultiplier: sigma / math.Sqrt(0.45), Count: 1}
	for range 2 {
		if err := b.Charge(share); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Charge(share); !errors.Is(err, ErrBudget) {
		t.Errorf("thrice 45 %% of the total were granted: %v", err)
	}
}
