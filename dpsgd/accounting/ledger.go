package accounting

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"
)

// Ledger is an append-only file of what was released from a table, or in a run.
// Each line carries the hash of the one before, and is on the disk before the
// call that wrote it returns. A reservation counts as spent from then on, so a
// crash can only overstate the spend. One process at a time holds a ledger, and
// one goroutine at a time uses it.
type Ledger struct {
	name   string
	file   file
	header Header
	last   string      // hash of the last line
	first  Reservation // the first that this holder made
	state  ledgerState
	failed error // the first write that failed
	now    func() time.Time
}

// OpenLedger opens the ledger at path, verifies it and locks it, or makes one,
// whose first line is header with an ID of its own. A torn last line is replaced
// by a record of what it announced.
func OpenLedger(path string, header Header) (*Ledger, error) {
	return openLedger(osDisk{}, path, header)
}

func openLedger(d disk, path string, header Header) (*Ledger, error) {
	f, err := d.open(path)
	if err != nil {
		return nil, err
	}
	l := &Ledger{name: path, file: f, now: time.Now}
	if err := l.load(d, header); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

func (l *Ledger) load(d disk, header Header) error {
	data, err := io.ReadAll(l.file)
	if err != nil {
		return fmt.Errorf("accounting: ledger %s: %w", l.name, err)
	}
	records, last, torn, err := parseLedger(l.name, data)
	if err != nil {
		return err
	}
	l.last = last
	if l.state, err = replay(l.name, records); err != nil {
		return err
	}
	l.first = l.state.next
	if len(torn) > 0 {
		if len(records) == 0 && headless(torn) {
			return fmt.Errorf("accounting: %w %s: %w", ErrLedger, l.name, errHeadless)
		}
		if err := l.file.Truncate(int64(len(data) - len(torn))); err != nil {
			return fmt.Errorf("accounting: ledger %s: repair the torn last line: %w", l.name, err)
		}
	}
	switch {
	case len(records) == 0: // nothing was spent before the header was whole
		l.header = *header.withID()
		err = l.append(Record{Header: &l.header})
	case len(torn) > 0:
		l.header = *records[0].Header
		err = l.append(Record{Torn: &Torn{ID: l.state.next, Bytes: len(torn), Spent: announced(torn)}})
		l.first = l.state.next
	default:
		l.header = *records[0].Header
	}
	return errors.Join(err, d.syncFolder(filepath.Dir(l.name)))
}

// Header is the first line.
func (l *Ledger) Header() Header { return l.header }

// append writes a record and waits for the disk. After an error nothing may be
// released on the record, and nothing more is written: the file may end in half
// a line, which the next opener repairs.
func (l *Ledger) append(r Record) error {
	if l.failed == nil {
		l.failed = l.write(r)
	}
	if l.failed != nil {
		return l.failed
	}
	return l.state.apply(r)
}

func (l *Ledger) write(r Record) error {
	r.Day, r.Previous = l.now().UTC().Format(time.DateOnly), l.last
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("accounting: ledger %s: %w", l.name, err)
	}
	if _, err := l.file.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("accounting: ledger %s: %w", l.name, err)
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("accounting: ledger %s: write: %w", l.name, err)
	}
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("accounting: ledger %s: wait for the disk: %w", l.name, err)
	}
	l.last = hashLine(line)
	return nil
}

// Reserve counts all of e's releases as spent by run, durably when it returns.
func (l *Ledger) Reserve(run string, e Event) (Reservation, error) {
	if err := e.validate(); err != nil {
		return 0, err
	}
	id := l.state.next
	return id, l.append(Record{Reserve: &Reserved{ID: id, Run: run, Event: e}})
}

// Settle says that used of the reserved releases happened, and gives the others
// back. Only the holder that reserved them knows: what an earlier one left open
// stays spent.
func (l *Ledger) Settle(id Reservation, used int) error {
	reserved, ok := l.state.open[id]
	if !ok || id < l.first || used < 0 || used > reserved.Event.Count {
		return fmt.Errorf("accounting: ledger %s: settle reservation %d with used=%d: "+
			"not reserved by this run, settled already, or fewer were reserved", l.name, id, used)
	}
	return l.append(Record{Settle: &Settled{ID: id, Used: used}})
}

// WriteTaken writes down what own, the ledger of run alone, holds.
func (l *Ledger) WriteTaken(run string, own *Ledger) error {
	events := own.Spent(run)
	if slices.Equal(events, l.state.taken[run]) {
		return nil
	}
	return l.append(Record{Taken: &Taken{Run: run, Events: events}})
}

// Taken is what the ledger of run alone held when it was last said.
func (l *Ledger) Taken(run string) []Event { return l.state.taken[run] }

// Runs lists the runs that have spent anything, in order of their names.
func (l *Ledger) Runs() []string {
	seen := map[string]bool{}
	for run := range l.state.closed {
		seen[run] = true
	}
	for _, r := range l.state.open {
		seen[r.Run] = true
	}
	runs := make([]string, 0, len(seen))
	for run := range seen {
		runs = append(runs, run)
	}
	sort.Strings(runs)
	return runs
}

// Spent lists what run has released or reserved.
func (l *Ledger) Spent(run string) []Event { return l.state.spent(run) }

// Close gives the ledger up.
func (l *Ledger) Close() error { return l.file.Close() }

// ReadLedger reads and verifies the ledger at path without locking it. The first
// record, if there is any, is the header. A torn last line is reported by the
// length of what is left of it.
func ReadLedger(path string) (records []Record, torn int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("accounting: ledger: %w", err)
	}
	records, _, rest, err := parseLedger(path, data)
	if err != nil {
		return nil, 0, err
	}
	if _, err := replay(path, records); err != nil {
		return nil, 0, err
	}
	return records, len(rest), nil
}
