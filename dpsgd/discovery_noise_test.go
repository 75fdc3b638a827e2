package dpsgd

import (
	"fmt"
	"testing"
)

// threshold is a discovery of one kind, for 100 columns, in which each count lies at
// the threshold of its answer.
func threshold(t *testing.T, question Question) []Answer {
	t.Helper()
	const columns = 100
	c := discoveryConfig()
	budget, _ := discoveryBudget(t, c)
	price, err := c.Price(question, columns)
	if err != nil {
		t.Fatal(err)
	}
	asks, rows := make([]Ask, columns), int(price.Rows)
	numbers, texts, absent := make([][]float64, columns), make([][]string, columns), make([][]bool, columns)
	for j := range asks {
		absent[j] = make([]bool, rows)
		switch question {
		case AskBounds:
			asks[j], numbers[j] = Ask{Buckets: []float64{0, 1, 2}, Range: AskBounds}, make([]float64, rows)
		case AskCategories:
			asks[j], texts[j] = Ask{Values: true}, make([]string, rows)
			for i := range texts[j] {
				texts[j][i] = fmt.Sprint("value of ", j)
			}
		case AskMissing:
			asks[j] = Ask{Missing: true}
			for i := range absent[j] {
				absent[j][i] = true
			}
		}
	}
	d, err := NewDiscovery(c, asks, budget, SecureEntropy())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Append(numbers, texts, absent); err != nil {
		t.Fatal(err)
	}
	answers, err := d.Answers()
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// Where a count lies at the threshold of its answer, noise decides: of 100 such
// answers neither nearly all nor nearly none are yes. Each is with a probability of
// .47 to .53 (a run of buckets may pass where one does not), from which 20 and 80 are
// 5.4 standard errors away: a false alarm in 10⁶ runs, the three kinds together.
func TestNoiseDecidesWhatDiscoverySays(t *testing.T) {
	for question, yes := range map[Question]func(a *Answer) bool{
		AskBounds:     func(a *Answer) bool { return !a.Unsure },
		AskCategories: func(a *Answer) bool { return len(a.Values) == 1 },
		AskMissing:    func(a *Answer) bool { return a.Missing },
	} {
		n := 0
		for _, a := range threshold(t, question) {
			if yes(&a) {
				n++
			}
		}
		if n <= 20 || n >= 80 {
			t.Errorf("%s: %d of 100 counts at the threshold passed it", question, n)
		}
	}
}

// The row count that is released is a noisy one: of 40, at a noise of about 28, all
// alike come less than once in 10⁶⁰ times.
func TestNoiseMovesTheRowCount(t *testing.T) {
	seen := map[int]bool{}
	for range 40 {
		c := discoveryConfig()
		budget, _ := discoveryBudget(t, c)
		gate := NewGate([]uint32{2}, budget, SecureEntropy())
		gate.HideRowCount(0)
		if err := gate.Append([][]uint32{make([]uint32, 5000)}); err != nil {
			t.Fatal(err)
		}
		n, err := gate.ReleaseRowCount(c)
		if err != nil {
			t.Fatal(err)
		}
		seen[n] = true
	}
	if len(seen) < 10 {
		t.Errorf("40 releases of 5000 rows gave %v", seen)
	}
}
