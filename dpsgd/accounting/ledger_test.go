package accounting

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func stepsEvent(count int) Event {
	return Event{Mechanism: PoissonGaussian, NoiseMultiplier: 1, SampleRate: 0.01, Count: count, Stage: "discriminator"}
}

func openTestLedger(t *testing.T, path string) *Ledger {
	t.Helper()
	l, err := OpenLedger(path, Header{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func releases(events []Event) (n int) {
	for _, e := range events {
		n += e.Count
	}
	return n
}

func TestLedgerAddsUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := openTestLedger(t, path)
	tables := Event{Mechanism: DiscreteGaussian, NoiseMultiplier: 30, Count: 15, Stage: "marginals"}
	for _, c := range []struct {
		run   string
		event Event
		used  int // -1: left open
	}{{"a", tables, 15}, {"a", stepsEvent(100), 100}, {"a", stepsEvent(100), 40}, {"b", stepsEvent(50), 0}, {"b", stepsEvent(70), -1}} {
		id, err := l.Reserve(c.run, c.event)
		if err != nil {
			t.Fatal(err)
		}
		if c.used >= 0 {
			if err := l.Settle(id, c.used); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(l *Ledger) {
		t.Helper()
		if got, want := l.Spent("a"), []Event{tables, stepsEvent(140)}; !reflect.DeepEqual(got, want) {
			t.Errorf("a spent %v, not %v", got, want)
		}
		if got, want := l.Spent("b"), []Event{stepsEvent(70)}; !reflect.DeepEqual(got, want) {
			t.Errorf("b spent %v, not %v", got, want)
		}
		if got := l.Runs(); !reflect.DeepEqual(got, []string{"a", "b"}) {
			t.Errorf("runs %v", got)
		}
	}
	check(l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again := openTestLedger(t, path)
	defer again.Close() //nolint:errcheck // nothing is written after
	check(again)
	if records, torn, err := ReadLedger(path); err != nil || torn != 0 || len(records) != 10 {
		t.Errorf("read %d records, %d bytes torn, %v", len(records), torn, err)
	}
}

func TestLedgerRefusesSenselessCalls(t *testing.T) {
	l := openTestLedger(t, filepath.Join(t.TempDir(), "ledger.jsonl"))
	defer l.Close() //nolint:errcheck // nothing is checked after
	if _, err := l.Reserve("a", Event{Mechanism: "magic", Count: 1}); err == nil {
		t.Error("an unknown mechanism was reserved")
	}
	id, err := l.Reserve("a", stepsEvent(10))
	if err != nil {
		t.Fatal(err)
	}
	for _, used := range []int{-1, 11} {
		if l.Settle(id, used) == nil {
			t.Errorf("used=%d of 10 was settled", used)
		}
	}
	if l.Settle(id+1, 1) == nil {
		t.Error("an unknown reservation was settled")
	}
	if err := l.Settle(id, 10); err != nil {
		t.Fatal(err)
	}
	if l.Settle(id, 10) == nil {
		t.Error("a reservation was settled twice")
	}
}

// What a run left open when it died stays spent: nobody knows how much of it
// was released.
func TestLedgerNeverRefundsALostReservation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := openTestLedger(t, path)
	id, err := l.Reserve("run", stepsEvent(10))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = openTestLedger(t, path)
	defer l.Close() //nolint:errcheck // nothing is written after
	if l.Settle(id, 0) == nil || releases(l.Spent("run")) != 10 {
		t.Error("a reservation of an earlier holder was given back")
	}
}

// After a write that failed, nothing is granted any more.
func TestLedgerStopsAtTheFirstFailedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := openTestLedger(t, path)
	if _, err := l.Reserve("run", stepsEvent(10)); err != nil {
		t.Fatal(err)
	}
	writable := l.file
	readOnly, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l.file = readOnly
	if _, err := l.Reserve("run", stepsEvent(1)); err == nil {
		t.Fatal("a reservation that was not written was granted")
	}
	l.file = writable
	if _, err := l.Reserve("run", stepsEvent(1)); err == nil {
		t.Error("a reservation was granted after a failed write")
	}
	if err := errors.Join(readOnly.Close(), writable.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestLedgerHasOneHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := openTestLedger(t, path)
	if _, err := OpenLedger(path, Header{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second opener got %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openTestLedger(t, path).Close(); err != nil {
		t.Fatal(err)
	}
}
