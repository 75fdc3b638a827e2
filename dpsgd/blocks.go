package dpsgd

import "fmt"

// Blocks pays for steps ahead of time: a block is reserved durably before its
// first step runs, and settled at its end or by Close, so thousands of steps a
// second wait for the disk a few times only. A crash spends what was reserved.
type Blocks struct {
	budget *Budget
	config StepConfig
	size   int
	limit  int
	done   int // settled steps
	used   int // steps of the open block
	open   *block
}

// NewBlocks pays for steps, size at a time: as many of the wanted ones as fit
// the budget beside what is spent. See Limit.
func NewBlocks(budget *Budget, config StepConfig, size, wanted int) (*Blocks, error) {
	limit, err := budget.Steps(config.SampleRate, config.NoiseMultiplier, wanted)
	return &Blocks{budget: budget, config: config, size: max(size, 1), limit: limit}, err
}

// Limit is how many steps Take will grant in all.
func (b *Blocks) Limit() int { return b.limit }

// Take pays for the next step. It refuses the step after the limit.
func (b *Blocks) Take() error {
	if b.open != nil && b.used == b.open.event.Count {
		if err := b.Settle(); err != nil {
			return err
		}
	}
	if b.open == nil {
		n := min(b.size, b.limit-b.done)
		if n <= 0 {
			return fmt.Errorf("%w: all %d affordable steps are done", ErrBudget, b.limit)
		}
		block, err := b.budget.reserve(b.config.Event(n)) // within limit, so within the budget
		if err != nil {
			return err
		}
		b.open = block
	}
	b.used++
	return nil
}

// Settle closes the open block, giving back the steps that never ran.
func (b *Blocks) Settle() error {
	if b.open == nil {
		return nil
	}
	open, used := b.open, b.used
	b.open, b.used, b.done = nil, 0, b.done+used
	return open.settle(used)
}
