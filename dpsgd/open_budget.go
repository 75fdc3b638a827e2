package dpsgd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// Start is how a run takes up its budget.
type Start struct {
	Run    string // its name in the ledgers
	Ledger string // path of its own
	// Insecure marks its ledger: the noise can be recomputed.
	Insecure bool
	// Resumed is what a checkpoint knows; nil for a new run.
	Resumed *Remembered
	// ChargeMissing charges what a ledger does not hold, instead of refusing it.
	ChargeMissing bool
}

// Remembered is what a checkpoint knows of a run's budget.
type Remembered struct {
	// Events are the releases that the checkpoint rests on.
	Events []accounting.Event `json:"events"`
	// Phase is the whole of the planned steps; its Count is 0 if there are none.
	Phase accounting.Event `json:"phase"`
	// Table is the table's ledger; nil if there is none.
	Table *TableLedger `json:"table,omitempty"`
}

// TableLedger tells a table's ledger from every other.
type TableLedger struct {
	Path string `json:"path"`
	ID   string `json:"id"`
}

// OpenBudget opens the run's ledger, and the table's if config names one, and
// takes up what the run has spent already. It refuses, as an
// accounting.ErrLedger, ledgers of which one does not hold what another, or the
// checkpoint, does.
func OpenBudget(config Config, start Start) (*Budget, error) {
	target, err := newTarget(config)
	if err != nil {
		return nil, err
	}
	b := &Budget{run: start.Run, ceilings: []ceiling{target}, tablePath: config.Ledger}
	if err := b.openLedgers(config, start); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Budget) openLedgers(config Config, start Start) (err error) {
	if err := start.Resumed.checkPresent(config, start); err != nil {
		return err
	}
	if b.runLedger, err = accounting.OpenLedger(start.Ledger, accounting.Header{Insecure: start.Insecure}); err != nil {
		return err
	}
	if config.Ledger != "" {
		if b.tableLedger, err = accounting.OpenLedger(config.Ledger, config.ledgerHeader()); err != nil {
			return err
		}
		header := b.tableLedger.Header()
		if err := config.checkTotal(header); err != nil {
			return err
		}
		if err := start.Resumed.checkID(header.ID, config, start); err != nil {
			return err
		}
		if header.Epsilon > 0 {
			total, err := newTotal(header, others(b.tableLedger, b.run))
			if err != nil {
				return err
			}
			b.ceilings = append(b.ceilings, total)
		}
	}
	if err := b.reconcile(start); err != nil {
		return err
	}
	b.spent = b.runLedger.Spent(b.run)
	b.units = b.spent
	if b.tableLedger != nil {
		b.units, b.reconciled = b.tableLedger.Spent(b.run), true
	}
	return nil
}

// ledgerHeader is the first line of a table's ledger that config would make.
func (c *Config) ledgerHeader() accounting.Header {
	h := accounting.Header{Epsilon: c.TableEpsilon, Delta: c.TableDelta}
	if h.Epsilon > 0 && h.Delta == 0 {
		h.Delta = c.TargetDelta
	}
	return h
}

// checkTotal refuses a total that is not the one which the ledger's first line fixed. What
// config leaves out is taken from there.
func (c *Config) checkTotal(header accounting.Header) error {
	if (c.TableEpsilon == 0 || c.TableEpsilon == header.Epsilon) && (c.TableDelta == 0 || c.TableDelta == header.Delta) {
		return nil
	}
	fixed := "that there is no total"
	if header.Epsilon > 0 {
		fixed = fmt.Sprintf("privacy.table_epsilon=%g and privacy.table_delta=%g", header.Epsilon, header.Delta)
	}
	named := fmt.Sprintf("privacy.table_epsilon=%g", c.TableEpsilon)
	if c.TableDelta > 0 {
		named += fmt.Sprintf(" and privacy.table_delta=%g", c.TableDelta)
	}
	return fmt.Errorf("%s: %w %s: its first line fixed %s for all runs on the table: leave the keys out to take what it says", named,
		accounting.ErrLedger, c.Ledger, fixed)
}

// Table is the table's ledger; nil if there is none.
func (b *Budget) Table() *TableLedger {
	if b.tableLedger == nil {
		return nil
	}
	path := b.tablePath
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return &TableLedger{Path: path, ID: b.tableLedger.Header().ID}
}

// checkPresent refuses a table's ledger that a resumed run does not name any more, or
// that is gone: opening would make a new one.
func (r *Remembered) checkPresent(config Config, start Start) error {
	if r == nil || r.Table == nil {
		return nil
	}
	if config.Ledger == "" {
		return fmt.Errorf("privacy.ledger=%q: %w: the run began with %s (id %s), "+
			"which remembers what all runs on the table spent: name it, or where it lies now", "", accounting.ErrLedger, r.Table.Path, r.Table.ID)
	}
	if _, err := os.Stat(config.Ledger); errors.Is(err, os.ErrNotExist) && !start.ChargeMissing {
		return fmt.Errorf("privacy.ledger=%s: %w: no such file, and the run began with %s (id %s): "+
			"name it, or restore it from a copy; if it is lost, %s", config.Ledger, accounting.ErrLedger, r.Table.Path, r.Table.ID, wayOut)
	}
	return nil
}

// checkID refuses another table's ledger than the run began with.
func (r *Remembered) checkID(id string, config Config, start Start) error {
	if r == nil || r.Table == nil || r.Table.ID == id || start.ChargeMissing {
		return nil
	}
	return fmt.Errorf("privacy.ledger=%s: %w: id %s is not the one that the run began with, %s (id %s): "+
		"name that one; if it is lost, %s", config.Ledger, accounting.ErrLedger, id, r.Table.Path, r.Table.ID, wayOut)
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
