package dpsgd

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

func discoveryConfig() Config {
	c := DefaultConfig()
	c.RowCount = RowCountDiscovered
	c.Discovery = DiscoveryConfig{Bounds: 0.1, Edges: 0.1, Categories: 0.2, Missing: 0.05, RowCount: 0.05}
	return c
}

func discoveryBudget(t *testing.T, c Config) (*Budget, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	b, err := OpenBudget(c, Start{Run: "test", Ledger: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b, path
}

// All is charged, and on the disk, before the first cell comes.
func TestDiscoveryChargesFirst(t *testing.T) {
	c := discoveryConfig()
	budget, path := discoveryBudget(t, c)
	asks := []Ask{{Buckets: []float64{0, 1, 2}, Range: AskBounds, Missing: true}, {Values: true, Missing: true},
		{Buckets: []float64{0, 1, 2}, Range: AskEdges}}
	if _, err := NewDiscovery(c, asks, budget, SecureEntropy()); err != nil {
		t.Fatal(err)
	}
	records, _, err := accounting.ReadLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	events, err := accounting.SpentOf(records)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range events {
		count[e.Purpose] += e.Count
	}
	if want := map[string]int{"bounds": 1, "edges": 1, "categories": 2, "missing": 2}; fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("charged %v, want %v (categories: noise and selection)", count, want)
	}
	if !slices.Equal(events, budget.Spent()) {
		t.Error("the ledger and the budget differ")
	}
}

// Either all questions are paid or none.
func TestDiscoveryBeyondTheBudget(t *testing.T) {
	c := discoveryConfig()
	c.TargetEpsilon = 0.15
	budget, _ := discoveryBudget(t, c)
	_, err := NewDiscovery(c, []Ask{{Buckets: []float64{0, 1}, Range: AskBounds}, {Values: true}}, budget, SecureEntropy())
	if !errors.Is(err, ErrBudget) || len(budget.Spent()) > 0 {
		t.Errorf("err = %v, spent %v", err, budget.Spent())
	}
}

func TestDiscoveryAnswers(t *testing.T) {
	// A fixed key: one run in 20 sees a missing cell where none is, one in 100 a bucket
	// that is empty.
	c := discoveryConfig()
	budget, _ := discoveryBudget(t, c)
	buckets := []float64{-10, -1, 0, 1, 10, 100, 1000}
	d, err := NewDiscovery(c, []Ask{{Buckets: buckets, Range: AskBounds, Missing: true}, {Values: true, Missing: true}}, budget,
		InsecureEntropy(1))
	if err != nil {
		t.Fatal(err)
	}
	const rows = 20_000
	numbers, texts, absent := make([]float64, rows), make([]string, rows), [][]bool{make([]bool, rows), make([]bool, rows)}
	for i := range rows {
		numbers[i] = []float64{5, 50, 0.5, -1e9}[min(i%100, 3)] // the last lies below all buckets
		if i%100 > 3 {
			numbers[i] = 7
		}
		texts[i] = []string{"x", "y"}[i%2]
		absent[1][i] = i%4 == 0
	}
	numbers[0], texts[1] = 500, "rare"
	if err := d.Append([][]float64{numbers, nil}, [][]string{nil, texts}, absent); err != nil {
		t.Fatal(err)
	}
	answers, err := d.Answers()
	if err != nil {
		t.Fatal(err)
	}
	// Two buckets hold 1 % of the rows each, 200, at a noise of about 60.
	if a := answers[0]; a.Low > 3 || a.High < 4 || a.High > 5 || a.Missing || a.Unsure {
		t.Errorf("the numbers: %+v", a)
	}
	if a := answers[1]; !slices.Equal(a.Values, []string{"x", "y"}) || !a.Missing {
		t.Errorf("the texts: %+v", a)
	}
	if _, err := d.Answers(); err == nil {
		t.Error("a second set of answers was given for one price")
	}
}

func TestNoisyRange(t *testing.T) {
	for _, tt := range []struct {
		noisy        []int64
		first, after int
		unsure       bool
	}{
		{[]int64{0, 100, 0, 0}, 1, 2, false},
		{[]int64{0, 100, 0, 100}, 1, 4, false},
		{[]int64{60, 100, 60, 0}, 0, 3, false},     // neighbours above the lower threshold
		{[]int64{0, 0, 80, 80, 0, 0}, 2, 4, false}, // 160 ≥ 100·√2
		{[]int64{0, 100, 0, 0, 30}, 1, 2, false},
		{[]int64{1, 3, 2}, 1, 2, true},
	} {
		if first, after, unsure := noisyRange(tt.noisy, 100, 50); first != tt.first || after != tt.after || unsure != tt.unsure {
			t.Errorf("span(%v) = %d, %d, %v", tt.noisy, first, after, unsure)
		}
	}
}

func TestBucketOf(t *testing.T) {
	edges := []float64{-2, 0, 1, 4}
	for x, want := range map[float64]int{-9: 0, -2: 0, -0.1: 0, 0: 1, 0.9: 1, 1: 2, 3.9: 2, 4: 2, 1e300: 2} {
		if got := bucketOf(edges, x); got != want {
			t.Errorf("bucketOf(%g) = %d, want %d", x, got, want)
		}
	}
}

// A private row count is 0 until it is released, then noisy, and paid.
func TestReleaseRowCount(t *testing.T) {
	c := discoveryConfig()
	budget, _ := discoveryBudget(t, c)
	gate := NewGate([]uint32{2}, budget, SecureEntropy())
	gate.HideRowCount(0)
	const rows = 5000
	if err := gate.Append([][]uint32{make([]uint32, rows)}); err != nil {
		t.Fatal(err)
	}
	if got := gate.RowCount(); got != 0 {
		t.Fatalf("%d rows are known before they are released", got)
	}
	released, err := gate.ReleaseRowCount(c)
	if err != nil {
		t.Fatal(err)
	}
	price, err := c.Price(AskRowCount, 1)
	if err != nil {
		t.Fatal(err)
	}
	if released != gate.RowCount() || math.Abs(float64(released-rows)) > 6*price.noise.sigma { // false alarm: 2e-9

		t.Errorf("released %d of %d, known %d", released, rows, gate.RowCount())
	}
	if spent := budget.Spent(); len(spent) != 1 || spent[0] != price.Events[0] {
		t.Errorf("spent %+v", spent)
	}
}

func TestDiscoveryConfigIsChecked(t *testing.T) {
	for _, change := range []func(*Config){
		func(c *Config) { c.Discovery.Bounds = -1 },
		func(c *Config) { c.Discovery.Missing = math.NaN() },
		func(c *Config) { c.Discovery.Categories = math.Inf(1) },
		func(c *Config) { c.Discovery.Bounds = 0 }, // edges alone
		func(c *Config) { c.Discovery.RowCount = 0 },
		func(c *Config) { c.RowCount = RowCountPublic },
	} {
		c := discoveryConfig()
		change(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("%+v was taken", c.Discovery)
		}
	}
	c := discoveryConfig()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}
