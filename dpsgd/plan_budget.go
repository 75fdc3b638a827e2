package dpsgd

import (
	"errors"
	"io/fs"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// PlanBudget is the budget of a run that is only thought of: charges are kept in
// memory, and no ledger is written. If config names a table's ledger and the file
// exists, its total holds and what other runs spent of it counts.
func PlanBudget(config Config) (*Budget, error) {
	target, err := newTarget(config)
	if err != nil {
		return nil, err
	}
	b := &Budget{ceilings: []ceiling{target}}
	if config.Ledger == "" {
		return b, nil
	}
	header := config.ledgerHeader()
	records, _, err := accounting.ReadLedger(config.Ledger)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(records) > 0 {
		header = *records[0].Header
		if err := config.checkTotal(header); err != nil {
			return nil, err
		}
	}
	if header.Epsilon == 0 {
		return b, nil
	}
	spent, err := accounting.SpentOf(records)
	if err != nil {
		return nil, err
	}
	total, err := newTotal(header, spent)
	b.ceilings = append(b.ceilings, total)
	return b, err
}
