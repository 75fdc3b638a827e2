package dpsgd

import (
	"errors"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// ErrBudget is wrapped by every refusal to spend: what is asked would take the
// run over its target, or the table over its total.
var ErrBudget = errors.New("budget")

// The keys of the ceilings of a run.
const (
	targetKey = "privacy.target_epsilon"
	tableKey  = "privacy.table_epsilon"
)

// ceiling is an (epsilon, delta) that a run may not pass, and the rule by which
// releases add up to it.
type ceiling struct {
	rule
	name           string
	epsilon, delta float64
	others         []accounting.Event // of other runs
	wholePhases    bool               // steps count as phases, see Budget.units
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
	run                    string
	ceilings               []ceiling          // the run's target first
	runLedger, tableLedger *accounting.Ledger // nil: there is none
	tablePath              string             // of tableLedger
	spent                  []accounting.Event // by the run, steps as far as they went
	reconciled             bool               // the ledgers agree: Close may tell the table's what the run's holds
	units                  []accounting.Event // of the run for the table: steps as whole phases
}

// Close releases the ledgers. The table's remembers what the run's own holds.
func (b *Budget) Close() error {
	var errs []error
	if b.reconciled {
		errs = append(errs, b.tableLedger.WriteTaken(b.run, b.runLedger))
	}
	for _, l := range []*accounting.Ledger{b.runLedger, b.tableLedger} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// Spent lists what the run has released or reserved.
func (b *Budget) Spent() []accounting.Event { return append([]accounting.Event(nil), b.spent...) }

// Epsilon is the run's ε at the target δ.
func (b *Budget) Epsilon() (float64, error) { return b.ceilings[0].Epsilon(b.spent) }

// prior lists what counts towards l before anything more is released.
func (l ceiling) prior(b *Budget) []accounting.Event {
	spent := b.spent
	if l.wholePhases {
		spent = b.units
	}
	return append(append([]accounting.Event{}, l.others...), spent...)
}

// left is what is unspent of l, 0 if more than l is spent.
func (b *Budget) left(l ceiling) (float64, error) {
	spent, err := l.Epsilon(l.prior(b))
	return math.Max(0, l.epsilon-spent), err
}

// TableTotal is what all runs on a table may spend together, and what is left of it.
type TableTotal struct{ Epsilon, Delta, Left float64 }

// TableTotal is nil if there is none.
func (b *Budget) TableTotal() (*TableTotal, error) {
	for _, l := range b.ceilings {
		if l.wholePhases {
			left, err := b.left(l)
			return &TableTotal{l.epsilon, l.delta, left}, err
		}
	}
	return nil, nil
}
