package accounting

import (
	"path/filepath"
	"testing"
)

// A settlement that makes no sense is refused before it is written: the ledger opens
// again, and all that was reserved counts.
func TestSenselessSettlementsAreNotWritten(t *testing.T) {
	for _, used := range []int{-1, 11, 1000} {
		path := filepath.Join(t.TempDir(), "ledger.jsonl")
		l := openTestLedger(t, path)
		id, err := l.Reserve("run", stepsEvent(10))
		if err != nil {
			t.Fatal(err)
		}
		if l.Settle(id, used) == nil {
			t.Errorf("used=%d of 10 was settled", used)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := OpenLedger(path, Header{})
		if err != nil {
			t.Fatalf("after used=%d of 10 was refused: %v", used, err)
		}
		if got := releases(again.Spent("run")); got != 10 {
			t.Errorf("after used=%d of 10 was refused, %d are spent", used, got)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Nor is one believed that a file holds.
func TestSenselessSettlementsAreNotBelieved(t *testing.T) {
	for _, used := range []int{-1, 11} {
		if _, err := SpentOf([]Record{
			{Reserve: &Reserved{ID: 1, Run: "run", Event: stepsEvent(10)}}, {Settle: &Settled{ID: 1, Used: used}},
		}); err == nil {
			t.Errorf("a settlement of %d of 10 was believed", used)
		}
	}
}
