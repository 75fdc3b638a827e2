package accounting

import (
	"bytes"
	"errors"
	"fmt"
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

// A crash may cut the file at any byte after the last line that was waited for.
// Whatever the cut, the ledger opens, and spends at least what the whole lines say.
func TestLedgerSurvivesACutAtEachByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := openTestLedger(t, path)
	for i := range 3 {
		id, err := l.Reserve("run", stepsEvent(10+i))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Settle(id, 10); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Reserve("run", stepsEvent(25)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	truth := []int{0, 0, 10, 10, 21, 20, 32, 30, 55} // spent after that many lines, the first of which is the header
	for cut := 0; cut <= len(whole); cut++ {
		complete := bytes.Count(whole[:cut], []byte("\n"))
		name := filepath.Join(t.TempDir(), fmt.Sprint(cut))
		if err := os.WriteFile(name, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := OpenLedger(name, Header{})
		if err != nil {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
		got := releases(l.Spent("run"))
		if got < truth[complete] {
			t.Fatalf("cut at byte %d: spent %d, but %d were announced", cut, got, truth[complete])
		}
		tornReserve := complete < len(lines)-1 && announced(whole[len(bytes.Join(lines[:complete], nil)):cut]) != nil
		if tornReserve && got <= truth[complete] {
			t.Fatalf("cut at byte %d: the torn reservation is not counted", cut)
		}
		if _, err := l.Reserve("run", stepsEvent(1)); err != nil {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, torn, err := ReadLedger(name); err != nil || torn != 0 {
			t.Fatalf("cut at byte %d: after repair: %d bytes torn, %v", cut, torn, err)
		}
	}
}

func TestLedgerNoticesChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := openTestLedger(t, path)
	for range 3 {
		if _, err := l.Reserve("run", stepsEvent(10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, changed := range map[string][]byte{
		"lowered count": bytes.Replace(whole, []byte(`"count":10`), []byte(`"count":01`), 1),
		"other count":   bytes.Replace(whole, []byte(`"count":10`), []byte(`"count":9`), 1),
		"lost line":     bytes.Join([][]byte{lines[0], lines[1], lines[3]}, nil),
		"lost header":   bytes.Join(lines[1:], nil),
		"second header": append(bytes.Clone(whole), lines[0]...),
		"other total":   bytes.Replace(whole, []byte(`"format":2`), []byte(`"format":2,"table_epsilon":9,"table_delta":1e-5`), 1),
		"swapped lines": bytes.Join([][]byte{lines[0], lines[2], lines[1], lines[3]}, nil),
		"foreign text":  append([]byte("hello\n"), whole...),
	} {
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenLedger(path, Header{}); !errors.Is(err, ErrLedger) || !strings.Contains(err.Error(), "line") {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := ReadLedger(path); err == nil {
			t.Errorf("%s: read without complaint", name)
		}
	}
}

func FuzzParseLedger(f *testing.F) {
	f.Add([]byte(`{"header":{"format":2,"id":"00112233445566778899aabbccddeeff"},"day":"2026-01-01","previous":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}` + "\n"))
	f.Add([]byte(`{"reserve":{"id":1,"run":"a","event":{"mechanism":"gaussian","noise_multiplier":2,"count":1}},"day":"2026-01-01","previous":""}` + "\n"))
	f.Add([]byte(`{"settle":`))
	f.Fuzz(func(t *testing.T, data []byte) {
		records, _, torn, err := parseLedger("fuzz", data)
		if err != nil {
			return
		}
		if bytes.IndexByte(torn, '\n') >= 0 {
			t.Error("a whole line was taken for a torn one")
		}
		_, _ = replay("fuzz", records)
	})
}
