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
	own := b.own.Spent(b.run)
	var units []accounting.Event
	if b.table != nil {
		units = b.table.Spent(b.run)
	}
	var errs []error
	check := func(ledger *accounting.Ledger, path string, missing []accounting.Event) {
		if len(missing) == 0 {
			return
		}
		if start.ChargeMissing {
			errs = append(errs, charge(ledger, b.run, missing))
			return
		}
		errs = append(errs, fmt.Errorf("%w %s: it does not hold what the run %s has spent: %s: restore the file from a copy, or %s",
			accounting.ErrLedger, path, b.run, listed(missing), wayOut))
	}
	atLeast := most(checkpoint, withoutSteps(units))
	if b.table != nil {
		atLeast = most(atLeast, b.table.Taken(b.run))
	}
	check(b.own, start.Ledger, lacking(own, atLeast))
	if b.table != nil {
		check(b.table, b.path, lacking(units, start.Resumed.whole(most(checkpoint, own))))
	}
	return errors.Join(errs...)
}

// charge makes events spent in ledger.
func charge(ledger *accounting.Ledger, run string, events []accounting.Event) error {
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

// kind is e but for its count.
func kind(e accounting.Event) accounting.Event {
	e.Count = 0
	return e
}

// counted is how many releases of e's kind are in events.
func counted(events []accounting.Event, e accounting.Event) int {
	n := 0
	for _, other := range events {
		if kind(other) == kind(e) {
			n += other.Count
		}
	}
	return n
}

// lacking lists what want has and have has not.
func lacking(have, want []accounting.Event) []accounting.Event {
	var missing []accounting.Event
	for _, e := range want {
		if e.Count -= counted(have, e); e.Count > 0 {
			missing = append(missing, e)
		}
	}
	return missing
}

// most is, of each kind of release, the larger number of those in a and b.
func most(a, b []accounting.Event) []accounting.Event {
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

// whole is events with the steps of the planned phase, once it began, as all of it.
func (r *Remembered) whole(events []accounting.Event) []accounting.Event {
	out := append([]accounting.Event(nil), events...)
	for i, e := range out {
		if r != nil && kind(e) == kind(r.Phase) {
			out[i].Count = max(e.Count, r.Phase.Count)
		}
	}
	return out
}

// listed is events in words.
func listed(events []accounting.Event) string {
	words := make([]string, len(events))
	for i, e := range events {
		words[i] = fmt.Sprintf("%d × %s (%s, %s)", e.Count, e.Mechanism, e.Stage, e.Purpose)
	}
	return strings.Join(words, "; ")
}
