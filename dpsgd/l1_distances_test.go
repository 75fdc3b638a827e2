package dpsgd

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

var scored = [][]int{{0, 1}, {2, 0}, {3, 2, 1}}

// guesses are integers in place of counts, the same whatever the rows.
func guesses(cells []Cells) func(t int) []int64 {
	return func(t int) []int64 {
		size, r := 1, rand.New(rand.NewPCG(uint64(t), 9))
		for _, j := range scored[t] {
			size *= cells[j].Count
		}
		out := make([]int64, size)
		for k := range out {
			out[k] = int64(r.IntN(60))
		}
		return out
	}
}

// A score is the distance of a table to what is expected of it, and one row moves it by
// one at the most.
func TestL1DistancesHaveSensitivityOne(t *testing.T) {
	var before []float64
	for _, rows := range []int{0, 1, 2, 3, 4, 5, 500} {
		gate, columns, cells := tableGate(t, lavish(t), 500)
		short := NewGate(gate.sizes, gate.budget, gate.entropy)
		for j := range columns {
			columns[j] = columns[j][:rows]
		}
		if err := short.Append(columns); err != nil {
			t.Fatal(err)
		}
		got, err := short.L1Distances(cells, scored, guesses(cells), tablesOf(0, tinyNoise))
		if err != nil {
			t.Fatal(err)
		}
		tables, err := short.Tables(cells, scored, tablesOf(0, tinyNoise))
		if err != nil {
			t.Fatal(err)
		}
		for k, counts := range tables {
			want := 0.0
			for i, x := range guesses(cells)(k) {
				want += math.Abs(counts[i] - float64(x))
			}
			if got[k] != want {
				t.Errorf("%d rows, table %d: %g, want %g", rows, k, got[k], want)
			}
			if 0 < rows && rows < 6 && math.Abs(got[k]-before[k]) != 1 {
				t.Errorf("row %d moves the score of table %d from %g to %g", rows, k, before[k], got[k])
			}
		}
		before = got
	}
}

// Scores are charged as so many releases of sensitivity 1, before anything is counted,
// and not if they cannot be.
func TestL1DistancesCharge(t *testing.T) {
	b := lavish(t)
	gate, _, cells := tableGate(t, b, 50)
	if _, err := gate.L1Distances(cells, scored, guesses(cells), tablesOf(0, 5)); err != nil {
		t.Fatal(err)
	}
	if got, want := b.Spent(), []accounting.Event{tablesOf(len(scored), 5).event()}; !reflect.DeepEqual(got, want) {
		t.Errorf("charged %+v, want %+v", got, want)
	}
	poor := openTestBudget(t, DefaultConfig(), "test", filepath.Join(t.TempDir(), "ledger.jsonl"))
	defer poor.Close() //nolint:errcheck // nothing was written
	gate, _, cells = tableGate(t, poor, 50)
	asked := func(int) []int64 { t.Error("counted before it was paid"); return nil }
	if got, err := gate.L1Distances(cells, scored, asked, tablesOf(0, 0.01)); got != nil || err == nil || len(poor.Spent()) > 0 {
		t.Errorf("scores beyond the budget: %v, %v, spent %v", got, err, poor.Spent())
	}
	gate, _, cells = tableGate(t, lavish(t), 50)
	if _, err := gate.L1Distances(cells, scored, func(int) []int64 { return []int64{1} }, tablesOf(0, 1)); err == nil {
		t.Error("scored against a table of another size")
	}
}

// The noise of scores is that which was paid for.
func TestL1DistancesNoise(t *testing.T) {
	const sigma, n = 40.0, 4000
	gate, _, cells := tableGate(t, lavish(t), 0)
	tables := make([][]int, n)
	for k := range tables {
		tables[k] = []int{0, 1}
	}
	zero := make([]int64, cells[0].Count*cells[1].Count)
	scores, err := gate.L1Distances(cells, tables, func(int) []int64 { return zero }, tablesOf(0, sigma))
	if err != nil {
		t.Fatal(err)
	}
	sum, squares := 0.0, 0.0
	for _, x := range scores {
		sum, squares = sum+x, squares+x*x
	}
	// 5 standard errors: a false alarm in 1e6 runs.
	if math.Abs(sum/n) > 5*sigma/math.Sqrt(n) || math.Abs(squares/n/(sigma*sigma)-1) > 5*math.Sqrt(2.0/n) {
		t.Errorf("noise of mean %g and variance %g, want 0 and %g", sum/n, squares/n, sigma*sigma)
	}
}
