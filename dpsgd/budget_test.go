package dpsgd

import (
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

func openTestBudget(t *testing.T, config Config, run, ledger string) *Budget {
	t.Helper()
	b, err := OpenBudget(config, Start{Run: run, Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spendAll takes steps until the budget grants no more, and returns how many.
func spendAll(t *testing.T, b *Budget, step StepConfig, wanted int) int {
	t.Helper()
	blocks, err := NewBlocks(b, step, 1+wanted/7, wanted)
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	for {
		err := blocks.Take()
		if errors.Is(err, ErrBudget) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		steps++
	}
	if err := blocks.Settle(); err != nil {
		t.Fatal(err)
	}
	if steps != blocks.Limit() {
		t.Fatalf("%d steps granted of %d", steps, blocks.Limit())
	}
	return steps
}

// Whatever the table, the noise and the target, what a run may take never adds
// up to more than its target, and one step more would, or none was wanted.
func TestNoRunExceedsItsTarget(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	logUniform := func(lo, hi float64) float64 { return lo * math.Pow(hi/lo, rng.Float64()) }
	trials := 200
	if testing.Short() {
		trials = 20
	}
	for trial := range trials {
		config := DefaultConfig()
		config.Accountant = string(accounting.RDP)
		if trial%20 == 0 {
			config.Accountant = string(accounting.PLD)
		}
		config.TargetEpsilon, config.TargetDelta = logUniform(0.05, 20), logUniform(1e-10, 1e-2)
		rows := int(logUniform(10, 1e7))
		step := StepConfig{BatchSize: float64(1 + rng.IntN(rows)), MaxGradNorm: 1, NoiseMultiplier: logUniform(0.4, 30)}
		step.SampleRate = step.BatchSize / float64(rows)
		wanted := 1 + rng.IntN(3000)
		b := openTestBudget(t, config, "run", filepath.Join(t.TempDir(), "ledger.jsonl"))
		noise, err := b.tableNoise(5, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Charge(tablesOf(5, noise).event()); err != nil {
			t.Fatalf("trial %d: the tables' own share is refused: %v", trial, err)
		}
		steps := spendAll(t, b, step, wanted)
		epsilon, err := b.Epsilon()
		if err != nil {
			t.Fatal(err)
		}
		if epsilon > config.TargetEpsilon {
			t.Errorf("trial %d: spent %g of %g", trial, epsilon, config.TargetEpsilon)
		}
		if steps < wanted {
			over, err := b.ceilings[0].Epsilon(append(b.Spent(), step.Event(1)))
			if err != nil {
				t.Fatal(err)
			}
			if over <= config.TargetEpsilon {
				t.Errorf("trial %d: step %d of %d would have fitted: ε %g of %g", trial, steps+1, wanted, over, config.TargetEpsilon)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// All runs on a table together keep its total, by a filter: the second gets what is
// left, the third is refused.
func TestRunsShareTheTablesTotal(t *testing.T) {
	folder := t.TempDir()
	config := DefaultConfig()
	config.TargetEpsilon, config.TableEpsilon, config.Ledger = 3, 4.5, filepath.Join(folder, "table.jsonl")
	filter, err := accounting.NewFilter(config.TableEpsilon, config.TargetDelta, TableReserve)
	if err != nil {
		t.Fatal(err)
	}
	step := StepConfig{BatchSize: 100, SampleRate: 0.01, MaxGradNorm: 1}
	var all []accounting.Event
	for i, run := range []string{"first", "second"} {
		b := openTestBudget(t, config, run, filepath.Join(folder, run+".jsonl"))
		noise, err := b.Noise(step.SampleRate, 500)
		if err != nil {
			t.Fatal(err)
		}
		step.NoiseMultiplier = noise
		if steps := spendAll(t, b, step, 500); steps != 500 {
			t.Errorf("%s: calibrated for 500 steps, granted %d", run, steps)
		}
		all = append(all, b.Spent()...)
		total, err := filter.Epsilon(all)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 && (total < 3 || total > 3.7) || i == 1 && (total > 4.5 || total < 4.46) {
			t.Errorf("after the %s run %g is drawn", run, total)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b := openTestBudget(t, config, "third", filepath.Join(folder, "third.jsonl"))
	defer b.Close() //nolint:errcheck // nothing was written
	if noise, err := b.tableNoise(5, 0.1); err == nil {
		if err := b.Charge(tablesOf(5, noise/100).event()); !errors.Is(err, ErrBudget) {
			t.Errorf("a third run was granted a release: %v", err)
		}
	} else if !errors.Is(err, ErrBudget) {
		t.Errorf("a third run: %v", err)
	}
}
