package accounting

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// closed closes the ledger, and is its file, whole and by lines.
func closed(t *testing.T, l *Ledger, path string) (whole []byte, lines [][]byte) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return whole, bytes.SplitAfter(whole, []byte("\n"))
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
	whole, lines := closed(t, l, path)
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
	whole, lines := closed(t, l, path)
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
