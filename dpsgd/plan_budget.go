package dpsgd

import (
	"errors"
	"io/fs"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// PlanBudget is the budget of a run that is only thought of: charges are kept in
// memory, and no ledger is written. What other runs spent of the table counts,
// if config names its ledger and the file exists.
func PlanBudget(config Config) (*Budget, error) {
	accountant, err := accounting.ParseAccountant(config.Accountant)
	if err != nil {
		return nil, err
	}
	b := &Budget{accountant: accountant, delta: config.TargetDelta,
		limits: []limit{{name: targetLimit, epsilon: config.TargetEpsilon}}}
	if config.Ledger == "" || config.TableEpsilon == 0 {
		return b, nil
	}
	records, _, err := accounting.ReadLedger(config.Ledger)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	spent, err := accounting.SpentOf(records)
	b.limits = append(b.limits, limit{name: tableLimit, epsilon: config.TableEpsilon, others: spent})
	return b, err
}
