package dpsgd

import (
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/dpsgd/discrete"
)

// tinyNoise is so small that each draw of it is 0: tables are exact. lavish pays
// for that.
const tinyNoise = 1e-3

func lavish(t *testing.T) *Budget {
	t.Helper()
	c := DefaultConfig()
	c.Accountant, c.TargetEpsilon = string(accounting.RDP), 1e12
	b := openTestBudget(t, c, "test", filepath.Join(t.TempDir(), "ledger.jsonl"))
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// tableGate holds random rows of columns that need one, two and four bytes a
// code, the last with more codes than are listed, cut into random cells.
func tableGate(t *testing.T, b *Budget, rows int) (*Gate, [][]uint32, []Cells) {
	t.Helper()
	sizes := []uint32{7, 200, 3000, 1 << 17}
	r := rand.New(rand.NewPCG(4, uint64(rows)))
	gate := NewGate(sizes, b, InsecureEntropy(1))
	columns, cells := make([][]uint32, len(sizes)), make([]Cells, len(sizes))
	for j, size := range sizes {
		columns[j] = make([]uint32, rows)
		for i := range columns[j] {
			columns[j][i] = uint32(float64(size) * r.Float64() * r.Float64())
		}
		c := Cells{Edges: []uint32{0}, Count: 2 + j}
		for at := uint32(0); at < size; c.Index = append(c.Index, uint32(r.IntN(c.Count))) {
			at = min(size, at+1+uint32(r.IntN(int(size)/4)))
			c.Edges = append(c.Edges, at)
		}
		cells[j] = c
	}
	if err := gate.Append(columns); err != nil {
		t.Fatal(err)
	}
	return gate, columns, cells
}

func (c *Cells) of(code uint32) int {
	for b := range c.Index {
		if code < c.Edges[b+1] {
			return int(c.Index[b])
		}
	}
	return -1
}

// Tables count every row once, in the cell that its codes are in, on one thread
// as on several.
func TestTablesCount(t *testing.T) {
	tables := [][]int{{0}, {3}, {0, 1}, {2, 0}, {3, 2, 1}, {1, 3}}
	for _, rows := range []int{0, 1, 4095, 4097, 12_345} {
		gate, columns, cells := tableGate(t, lavish(t), rows)
		want := make([][]float64, len(tables))
		for k, table := range tables {
			size := 1
			for _, j := range table {
				size *= cells[j].Count
			}
			want[k] = make([]float64, size)
			for i := range rows {
				at := 0
				for _, j := range table {
					at = at*cells[j].Count + cells[j].of(columns[j][i])
				}
				want[k][at]++
			}
		}
		for _, threads := range []int{1, 4} {
			got, err := func() ([][]float64, error) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
				return gate.Tables(cells, tables, tablesOf(0, tinyNoise))
			}()
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%d rows, %d threads: counts differ from those by hand: %v", rows, threads, err)
			}
		}
	}
}

// The charge names the number of tables that were counted, whatever the release says.
func TestTablesChargeTheirEvent(t *testing.T) {
	b := lavish(t)
	gate, _, cells := tableGate(t, b, 10)
	if _, err := gate.Tables(cells, [][]int{{0, 1}, {1, 2}, {3}}, tablesOf(99, 5)); err != nil {
		t.Fatal(err)
	}
	if got, want := b.Spent(), []accounting.Event{tablesOf(3, 5).event()}; !reflect.DeepEqual(got, want) {
		t.Errorf("charged %+v, want %+v", got, want)
	}
}

// What cannot be counted, or paid, is refused and costs nothing.
func TestTablesRefuseBeforeTheyCharge(t *testing.T) {
	change := func(f func(*Cells)) func([]Cells) []Cells {
		return func(cells []Cells) []Cells { f(&cells[1]); return cells }
	}
	for name, c := range map[string]func([]Cells) []Cells{
		"a column without cells":  func(cells []Cells) []Cells { return cells[:3] },
		"no cells":                change(func(c *Cells) { *c = Cells{} }),
		"the first code missing":  change(func(c *Cells) { c.Edges[0] = 1 }),
		"the last code missing":   change(func(c *Cells) { c.Edges[len(c.Edges)-1]-- }),
		"codes too many":          change(func(c *Cells) { c.Edges[len(c.Edges)-1]++ }),
		"edges that descend":      change(func(c *Cells) { *c = Cells{[]uint32{0, 150, 100, 200}, []uint32{0, 1, 2}, 3} }),
		"an empty bin":            change(func(c *Cells) { *c = Cells{[]uint32{0, 100, 100, 200}, []uint32{0, 1, 2}, 3} }),
		"a cell beyond the count": change(func(c *Cells) { c.Index[0] = uint32(c.Count) }),
		"a count below zero":      change(func(c *Cells) { c.Count = -1 }),
		"more bins than cells of": change(func(c *Cells) { c.Index = append(c.Index, 0) }),
		"a table too large":       change(func(c *Cells) { c.Count = maxTableCells }),
	} {
		b := lavish(t)
		gate, _, cells := tableGate(t, b, 10)
		if _, err := gate.Tables(c(cells), [][]int{{0}, {0, 1}}, tablesOf(0, 1)); err == nil {
			t.Errorf("%s: counted", name)
		}
		if spent := b.Spent(); len(spent) > 0 {
			t.Errorf("%s: refused, but charged %+v", name, spent)
		}
	}
	b := openTestBudget(t, DefaultConfig(), "test", filepath.Join(t.TempDir(), "ledger.jsonl"))
	defer b.Close() //nolint:errcheck // nothing was written
	gate, _, cells := tableGate(t, b, 10)
	if got, err := gate.Tables(cells, [][]int{{0, 1}}, tablesOf(0, 0.01)); got != nil || !errors.Is(err, ErrBudget) {
		t.Errorf("a table beyond the budget: %v, %v", got, err)
	}
	if spent := b.Spent(); len(spent) > 0 {
		t.Errorf("beyond the budget, but charged %+v", spent)
	}
}

// The noise is that which was paid for.
func TestTablesNoise(t *testing.T) {
	gate, _, _ := tableGate(t, lavish(t), 0)
	bins := make([]uint32, 3001)
	for k := range bins {
		bins[k] = uint32(k)
	}
	const sigma = 7.0
	tables, err := gate.Histograms([]int{2}, []Cells{EachBin(bins)}, tablesOf(0, sigma))
	if err != nil {
		t.Fatal(err)
	}
	sum, squares, n := 0.0, 0.0, float64(len(tables[0]))
	for _, x := range tables[0] {
		sum += x
		squares += x * x
	}
	// 5 standard errors: a false alarm in 1e6 runs.
	if math.Abs(sum/n) > 5*sigma/math.Sqrt(n) || math.Abs(squares/n/(sigma*sigma)-1) > 5*math.Sqrt(2/n) {
		t.Errorf("noise of mean %g and variance %g, want 0 and %g", sum/n, squares/n, sigma*sigma)
	}
}

// A table of 2²⁰ counts gets its noise in about 60 ns a count and core.
func BenchmarkTableNoise(b *testing.B) {
	gate := &Gate{entropy: SecureEntropy()}
	noise, err := discrete.NewRoundedGaussian(100)
	if err != nil {
		b.Fatal(err)
	}
	counts := [][]int64{make([]int64, 1<<20)}
	for b.Loop() {
		if _, err := gate.noisy(counts, noise); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N<<20), "ns/count")
}
