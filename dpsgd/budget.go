package dpsgd

import (
	"errors"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// ErrBudget is wrapped by every refusal to spend: what is asked would take the
// run over its target, or the table over its total.
var ErrBudget = errors.New("budget")

// The ceilings of a run.
const (
	targetLimit = "privacy.target_epsilon"
	tableLimit  = "privacy.table_epsilon"
)

// limit is one ceiling, (epsilon, delta), and the rule by which releases add up to it.
type limit struct {
	rule
	name           string
	epsilon, delta float64
	others         []accounting.Event // of other runs
	whole          bool               // steps count as phases, see Budget.units
}

// Budget is what a run may spend. Each release is charged before it happens:
// first against the run's target and the table's total, then durably into the
// ledgers.
//
// The run's target holds by composition of fixed releases, or by a filter if the
// run discovers (see rule); the table's total by a filter, since later runs are set
// up by whoever saw earlier ones. What the table's ledger gets are units that are
// reserved whole: a table, a question, all steps of a phase. When steps end early,
// nothing is given back, for that may have been decided by what was seen.
type Budget struct {
	run        string
	limits     []limit            // the run's target first
	own, table *accounting.Ledger // nil: there is none
	path       string             // of table
	spent      []accounting.Event // by the run, steps as far as they went
	taken      bool               // up, with a table's ledger
	units      []accounting.Event // of the run for the table: steps as whole phases
}

// Close releases the ledgers. The table's remembers what the run's own holds.
func (b *Budget) Close() error {
	var errs []error
	if b.taken {
		errs = append(errs, b.table.Take(b.run, b.own))
	}
	for _, l := range []*accounting.Ledger{b.own, b.table} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// Spent lists what the run has released or reserved.
func (b *Budget) Spent() []accounting.Event { return append([]accounting.Event(nil), b.spent...) }

// Epsilon is the run's ε at the target δ.
func (b *Budget) Epsilon() (float64, error) { return b.limits[0].Epsilon(b.spent) }

// prior lists what counts towards l before anything more is released.
func (l limit) prior(b *Budget) []accounting.Event {
	own := b.spent
	if l.whole {
		own = b.units
	}
	return append(append([]accounting.Event{}, l.others...), own...)
}

// left is what is unspent of l, 0 if more than l is spent.
func (b *Budget) left(l limit) (float64, error) {
	spent, err := l.Epsilon(l.prior(b))
	return math.Max(0, l.epsilon-spent), err
}

// TableTotal is what all runs on a table may spend together, and what is left of it.
type TableTotal struct{ Epsilon, Delta, Left float64 }

// TableTotal is nil if there is none.
func (b *Budget) TableTotal() (*TableTotal, error) {
	for _, l := range b.limits {
		if l.whole {
			left, err := b.left(l)
			return &TableTotal{l.epsilon, l.delta, left}, err
		}
	}
	return nil, nil
}
