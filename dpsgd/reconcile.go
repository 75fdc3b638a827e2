package dpsgd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// wayOut is how a run goes on beside a ledger that forgot.
const wayOut = "resume with --charge-missing, which charges it there again"

// reconcile compares what the run's own ledger, the table's and the checkpoint say
// of the run: each ledger must hold at least what the others do. A file that was
// lost, cut or replaced by an earlier copy would else give back what was spent.
// What is missing is charged, or refused by name.
//
// Steps are whole phases for the table and what was taken of them in the run's own
// ledger, so there the table may hold more; but it says how many of them the run's
// own ledger held when the run last ended.
func (b *Budget) reconcile(start Start) error {
	var checkpoint []accounting.Event
	if start.Resumed != nil {
		checkpoint = start.Resumed.Events
	}
	runSpent := b.runLedger.Spent(b.run)
	var units []accounting.Event
	if b.tableLedger != nil {
		units = b.tableLedger.Spent(b.run)
	}
	var errs []error
	check := func(ledger *accounting.Ledger, path string, missing []accounting.Event) {
		if len(missing) == 0 {
			return
		}
		if start.ChargeMissing {
			errs = append(errs, reserveAndSettle(ledger, b.run, missing))
			return
		}
		errs = append(errs, fmt.Errorf("%w %s: it does not hold what the run %s has spent: %s: restore the file from a copy, or %s",
			accounting.ErrLedger, path, b.run, inWords(missing), wayOut))
	}
	atLeast := maxCounts(checkpoint, withoutSteps(units))
	if b.tableLedger != nil {
		atLeast = maxCounts(atLeast, b.tableLedger.Taken(b.run))
	}
	check(b.runLedger, start.Ledger, lacking(runSpent, atLeast))
	if b.tableLedger != nil {
		check(b.tableLedger, b.tablePath, lacking(units, start.Resumed.withWholePhase(maxCounts(checkpoint, runSpent))))
	}
	return errors.Join(errs...)
}

// reserveAndSettle makes events spent in ledger.
func reserveAndSettle(ledger *accounting.Ledger, run string, events []accounting.Event) error {
	for _, e := range events {
		id, err := ledger.Reserve(run, e)
		if err != nil {
			return err
		}
		if err := ledger.Settle(id, e.Count); err != nil {
			return err
		}
	}
	return nil
}

// withoutCount is e but for its count.
func withoutCount(e accounting.Event) accounting.Event {
	e.Count = 0
	return e
}

// countOf is how many releases of e's kind are in events.
func countOf(events []accounting.Event, e accounting.Event) int {
	n := 0
	for _, other := range events {
		if withoutCount(other) == withoutCount(e) {
			n += other.Count
		}
	}
	return n
}

// lacking lists what want has and have has not.
func lacking(have, want []accounting.Event) []accounting.Event {
	var missing []accounting.Event
	for _, e := range want {
		if e.Count -= countOf(have, e); e.Count > 0 {
			missing = append(missing, e)
		}
	}
	return missing
}

// maxCounts is, of each kind of release, the larger number of those in a and b.
func maxCounts(a, b []accounting.Event) []accounting.Event {
	all := append([]accounting.Event(nil), a...)
	for _, e := range lacking(a, b) {
		all = accounting.Merge(all, e)
	}
	return all
}

func withoutSteps(events []accounting.Event) []accounting.Event {
	var out []accounting.Event
	for _, e := range events {
		if e.Mechanism != accounting.PoissonGaussian {
			out = append(out, e)
		}
	}
	return out
}

// withWholePhase is events with the steps of the planned phase, once it began, as all of it.
func (r *Remembered) withWholePhase(events []accounting.Event) []accounting.Event {
	out := append([]accounting.Event(nil), events...)
	for i, e := range out {
		if r != nil && withoutCount(e) == withoutCount(r.Phase) {
			out[i].Count = max(e.Count, r.Phase.Count)
		}
	}
	return out
}

// inWords is events in words.
func inWords(events []accounting.Event) string {
	words := make([]string, len(events))
	for i, e := range events {
		words[i] = fmt.Sprintf("%d × %s (%s, %s)", e.Count, e.Mechanism, e.Stage, e.Purpose)
	}
	return strings.Join(words, "; ")
}
