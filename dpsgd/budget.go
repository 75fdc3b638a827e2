package dpsgd

import (
	"errors"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// ErrBudget is wrapped by every refusal to spend: what is asked would take the
// run over its target, or the table over its total.
var ErrBudget = errors.New("budget")

// limit is one ceiling: the events that count towards it besides the run's own.
type limit struct {
	name    string
	epsilon float64
	others  []accounting.Event
}

// The ceilings of a run.
const (
	targetLimit = "privacy.target_epsilon"
	tableLimit  = "privacy.table_epsilon"
)

// Budget is what a run may spend. Each release is charged before it happens:
// first against the run's target and the table's total, then durably into the
// ledgers.
type Budget struct {
	accountant accounting.Accountant
	delta      float64
	limits     []limit
	run        string
	ledgers    []*accounting.Ledger
	spent      []accounting.Event
}

// OpenBudget opens the run's ledger at runLedger, and the table's if config
// names one, and takes up what run has spent already.
func OpenBudget(config Config, run, runLedger string) (*Budget, error) {
	accountant, err := accounting.ParseAccountant(config.Accountant)
	if err != nil {
		return nil, err
	}
	b := &Budget{accountant: accountant, delta: config.TargetDelta, run: run}
	if err := b.remember(runLedger, config.Ledger, config); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Budget) remember(runLedger, tableLedger string, config Config) error {
	own, err := accounting.OpenLedger(runLedger)
	if err != nil {
		return err
	}
	b.ledgers = append(b.ledgers, own)
	b.spent = own.Spent(b.run)
	b.limits = append(b.limits, limit{name: targetLimit, epsilon: config.TargetEpsilon})
	if tableLedger == "" {
		return nil
	}
	table, err := accounting.OpenLedger(tableLedger)
	if err != nil {
		return err
	}
	b.ledgers = append(b.ledgers, table)
	if config.TableEpsilon > 0 {
		b.limits = append(b.limits, limit{name: tableLimit, epsilon: config.TableEpsilon, others: others(table, b.run)})
	}
	// A run ledger rolled back to an earlier copy must not refund what the
	// table's ledger saw.
	seen := table.Spent(b.run)
	ownEpsilon, err := b.accountant.Epsilon(b.spent, b.delta)
	if err != nil {
		return err
	}
	seenEpsilon, err := b.accountant.Epsilon(seen, b.delta)
	if err != nil {
		return err
	}
	if seenEpsilon > ownEpsilon {
		b.spent = seen
	}
	return nil
}

// others lists what every run but run has spent of the table.
func others(table *accounting.Ledger, run string) []accounting.Event {
	var events []accounting.Event
	for _, name := range table.Runs() {
		if name != run {
			events = append(events, table.Spent(name)...)
		}
	}
	return events
}

// Close releases the ledgers.
func (b *Budget) Close() error {
	var errs []error
	for _, l := range b.ledgers {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// Spent lists what the run has released or reserved.
func (b *Budget) Spent() []accounting.Event { return append([]accounting.Event(nil), b.spent...) }

// Epsilon is the run's ε at the target δ.
func (b *Budget) Epsilon() (float64, error) { return b.accountant.Epsilon(b.spent, b.delta) }
