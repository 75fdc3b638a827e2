package dpsgd

import (
	"fmt"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// Blocks pays for steps ahead of time: a block is reserved durably before its
// first step runs, and settled at its end or by Close, so thousands of steps a
// second wait for the disk a few times only. A crash spends what was reserved. The
// table's ledger gets all steps at once, when they begin.
type Blocks struct {
	budget  *Budget
	config  StepConfig
	size    int
	limit   int
	done    int // settled steps
	used    int // steps of the open block
	current *block
}

// NewBlocks pays for steps, size at a time: as many of the wanted ones, if any, as fit
// the budget beside what is spent. See Limit.
func NewBlocks(budget *Budget, config StepConfig, size, wanted int) (*Blocks, error) {
	if wanted == 0 {
		return &Blocks{budget: budget}, nil
	}
	limit, err := budget.reservePhase(config, wanted)
	return &Blocks{budget: budget, config: config, size: max(size, 1), limit: limit}, err
}

// reservePhase reserves a phase of at most wanted steps for the table, unless a process
// before this one did, and returns how many may be taken of it: steps of one kind
// are one phase of a run, whose length is fixed when it begins.
func (b *Budget) reservePhase(config StepConfig, wanted int) (int, error) {
	step := config.Event(1)
	reserved, taken := countOf(b.units, step), countOf(b.spent, step)
	if reserved > 0 && b.tableLedger != nil {
		return b.ceilings[0].Steps(b.spent, config.SampleRate, config.NoiseMultiplier, min(wanted, max(reserved-taken, 0)))
	}
	steps, err := b.steps(config.SampleRate, config.NoiseMultiplier, wanted)
	if err != nil || steps == 0 {
		return 0, err
	}
	return steps, b.reserveForTable(config.Event(steps))
}

// Left is how many of the planned steps the run has not spent yet, a crash's included.
func (b *Budget) Left(phase accounting.Event) int { return max(phase.Count-countOf(b.spent, phase), 0) }

// Limit is how many steps Take will grant in all.
func (b *Blocks) Limit() int { return b.limit }

// Take pays for the next step. It refuses the step after the limit.
func (b *Blocks) Take() error {
	if b.current != nil && b.used == b.current.event.Count {
		if err := b.Settle(); err != nil {
			return err
		}
	}
	if b.current == nil {
		n := min(b.size, b.limit-b.done)
		if n <= 0 {
			return fmt.Errorf("%w: all %d affordable steps are done", ErrBudget, b.limit)
		}
		block, err := b.budget.reserveForRun(b.config.Event(n)) // within limit, so within the budget
		if err != nil {
			return err
		}
		b.current = block
	}
	b.used++
	return nil
}

// Spent is what the run has released so far, the steps of the open block included.
func (b *Blocks) Spent() []accounting.Event {
	if b.current == nil {
		return b.budget.Spent()
	}
	return b.current.after(b.used)
}

// Settle closes the open block, giving back the steps that never ran.
func (b *Blocks) Settle() error {
	if b.current == nil {
		return nil
	}
	current, used := b.current, b.used
	b.current, b.used, b.done = nil, 0, b.done+used
	return current.settle(used)
}
