package accounting

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The first opener fixes the header; whatever later ones bring, it stays.
func TestTheFirstLineIsFixed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.jsonl")
	first, err := OpenLedger(path, Header{Epsilon: 3, Delta: 1e-5})
	if err != nil {
		t.Fatal(err)
	}
	want := first.Header()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := OpenLedger(path, Header{Epsilon: 30, Delta: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close() //nolint:errcheck // nothing was written
	if got := second.Header(); got != want || want.Epsilon != 3 || want.Delta != 1e-5 || want.Format != ledgerFormat {
		t.Errorf("header %+v, then %+v", want, got)
	}
	records, _, err := ReadLedger(path)
	if err != nil || *records[0].Header != want {
		t.Errorf("read %+v, %v", records, err)
	}
	other, err := OpenLedger(filepath.Join(t.TempDir(), "table.jsonl"), Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close() //nolint:errcheck // nothing was written
	if other.Header().ID == want.ID {
		t.Error("two ledgers have one ID")
	}
}

// A ledger from before there were headers is refused by name, not taken for a new
// or a broken one.
func TestAnOlderLedgerIsRefused(t *testing.T) {
	line := `{"reserve":{"id":1,"run":"a","event":{"mechanism":"gaussian","noise_multiplier":2,"count":1}},"time":"2026-11-28T10:00:00.123456789Z","previous":"` + hashLine(nil) + `"}`
	for _, text := range []string{line + "\n", line, line[:40]} {
		path := filepath.Join(t.TempDir(), "old.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenLedger(path, Header{}); !errors.Is(err, ErrLedger) || !strings.Contains(err.Error(), "earlier version") {
			t.Errorf("%q: %v", text, err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != text {
			t.Errorf("%q became %q", text, after)
		}
	}
}

// A first line that fixes no total, or no ledger, is refused, and so is one that comes
// later, in a file whose chain holds.
func TestSenselessHeadersAreRefused(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	good := Header{Format: ledgerFormat, ID: id, Epsilon: 3, Delta: 1e-5}
	for name, c := range map[string]struct {
		headers []Header
		refused bool
	}{
		"sound":            {[]Header{good}, false},
		"no total":         {[]Header{{Format: ledgerFormat, ID: id}}, false},
		"another version":  {[]Header{{Format: ledgerFormat + 1, ID: id}}, true},
		"no id":            {[]Header{{Format: ledgerFormat}}, true},
		"ε without δ":      {[]Header{{Format: ledgerFormat, ID: id, Epsilon: 3}}, true},
		"δ without ε":      {[]Header{{Format: ledgerFormat, ID: id, Delta: 1e-5}}, true},
		"δ of one":         {[]Header{{Format: ledgerFormat, ID: id, Epsilon: 3, Delta: 1}}, true},
		"a negative ε":     {[]Header{{Format: ledgerFormat, ID: id, Epsilon: -3, Delta: 1e-5}}, true},
		"a second, larger": {[]Header{good, {Format: ledgerFormat, ID: id, Epsilon: 30, Delta: 1e-5}}, true},
	} {
		path, text, last := filepath.Join(t.TempDir(), "ledger.jsonl"), []byte(nil), hashLine(nil)
		for _, h := range c.headers {
			line, err := json.Marshal(Record{Header: &h, Day: "2031-04-05", Previous: last})
			if err != nil {
				t.Fatal(err)
			}
			text, last = append(append(text, line...), '\n'), hashLine(line)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := OpenLedger(path, Header{})
		if errors.Is(err, ErrLedger) != c.refused || !c.refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// No line tells more of the time than the day.
func TestLinesCarryTheDay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := openTestLedger(t, path)
	l.now = func() time.Time { return time.Date(2031, 4, 5, 23, 59, 58, 987654321, time.FixedZone("", -3600)) }
	id, err := l.Reserve("run", stepsEvent(3))
	if err := errors.Join(err, l.Settle(id, 3), l.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), `"day":"2031-04-06"`) != 2 || strings.Contains(string(text), "9876") ||
		strings.Contains(string(text), "59:58") {
		t.Errorf("lines %s", text)
	}
}

// watchedDisk writes down what is done to the disk.
type watchedDisk struct {
	osDisk
	done *[]string
}

func (d watchedDisk) open(path string) (file, error) {
	f, err := d.osDisk.open(path)
	return watchedFile{f, d.done}, err
}

func (d watchedDisk) syncFolder(folder string) error {
	*d.done = append(*d.done, "sync folder")
	return d.osDisk.syncFolder(folder)
}

type watchedFile struct {
	file
	done *[]string
}

func (f watchedFile) Write(p []byte) (int, error) {
	*f.done = append(*f.done, "write")
	return f.file.Write(p)
}

func (f watchedFile) Sync() error {
	*f.done = append(*f.done, "sync")
	return f.file.Sync()
}

// What is reserved or settled is on the disk when the call returns, and the file's
// name is before the first of it: nothing that is written stays unsynced.
func TestLedgerWaitsForTheDisk(t *testing.T) {
	var done []string
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	expect := func(what string, want ...string) {
		t.Helper()
		if !reflect.DeepEqual(done, want) {
			t.Errorf("%s: %v, not %v", what, done, want)
		}
		done = nil
	}
	open := func() *Ledger {
		t.Helper()
		l, err := openLedger(watchedDisk{done: &done}, path, Header{})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open()
	expect("a new ledger", "write", "sync", "sync folder")
	id, err := l.Reserve("run", stepsEvent(3))
	if err != nil {
		t.Fatal(err)
	}
	expect("a reservation", "write", "sync")
	if err := l.Settle(id, 1); err != nil {
		t.Fatal(err)
	}
	expect("a settlement", "write", "sync")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open()
	expect("an old ledger", "sync folder") // whoever made it may have died before
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	l = open()
	expect("a repaired ledger", "write", "sync", "sync folder")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
