package dpsgd

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Ask is what a discovery asks of one column.
type Ask struct {
	// Buckets are public ascending edges: which of [Buckets[k], Buckets[k+1]) hold
	// the column's numbers? Empty asks nothing. Range is the question that pays,
	// AskBounds or AskEdges.
	Buckets []float64
	Range   Question
	Values  bool // which texts do enough rows share?
	Missing bool // are enough cells missing?
}

// Answer is what was asked of a column, with noise: free to use from here on.
type Answer struct {
	// Low and High bound the numbers: they lie in [Buckets[Low], Buckets[High]).
	Low, High int
	// Unsure tells that no bucket held enough rows to stand out from the noise;
	// Low and High are then the one with the largest noisy count.
	Unsure bool
	// Values are in the order of their text.
	Values  []string
	Missing bool
}

// Discovery is the gate for raw cells, before there is a schema that could make
// codes of them: it sees each cell once and lets out Answers, which are charged
// to the budget before the first cell is read.
type Discovery struct {
	entropy *Entropy
	asks    []Ask
	prices  map[Question]Price
	columns []tally
}

// tally counts what is asked of a column.
type tally struct {
	buckets []int64
	values  map[string]int64
	missing int64
}

// NewDiscovery charges the prices of all that is asked to budget, or refuses.
func NewDiscovery(config Config, asks []Ask, budget *Budget, entropy *Entropy) (*Discovery, error) {
	d := &Discovery{entropy: entropy, asks: asks, prices: map[Question]Price{}, columns: make([]tally, len(asks))}
	count := map[Question]int{}
	for j, ask := range asks {
		if len(ask.Buckets) > 0 {
			if ask.Range != AskBounds && ask.Range != AskEdges || len(ask.Buckets) < 2 || len(ask.Buckets) > bucketCount+1 ||
				!slices.IsSorted(ask.Buckets) {
				return nil, fmt.Errorf("dpsgd: discovery of column %d: %d edges for %q: want 2 … %d, ascending, for bounds or edges", j,
					len(ask.Buckets), ask.Range, bucketCount+1)
			}
			count[ask.Range]++
			d.columns[j].buckets = make([]int64, len(ask.Buckets)-1)
		}
		if ask.Values {
			count[AskCategories]++
			d.columns[j].values = map[string]int64{}
		}
		if ask.Missing {
			count[AskMissing]++
		}
	}
	var all []Price
	for _, question := range []Question{AskBounds, AskEdges, AskCategories, AskMissing} {
		if count[question] == 0 {
			continue
		}
		price, err := config.Price(question, count[question])
		if err != nil {
			return nil, err
		}
		d.prices[question] = price
		all = append(all, price)
	}
	return d, budget.chargePrices(all)
}

// chargePrices charges what prices say, all or nothing.
func (b *Budget) chargePrices(prices []Price) error {
	if len(prices) == 0 {
		return nil
	}
	if err := b.refuseExhausted(); err != nil {
		return err
	}
	events := prices[0].Events
	for _, p := range prices[1:] {
		events = append(slices.Clone(events), p.Events...)
	}
	return b.chargeAll(events)
}

// Append counts a chunk of rows. numbers[j], or texts[j], are the cells of
// column j, and absent[j][i] tells that cell i is none. Nothing is kept but
// counts. Numbers beyond the buckets count to the nearest.
func (d *Discovery) Append(numbers [][]float64, texts [][]string, absent [][]bool) error {
	if len(numbers) != len(d.asks) || len(texts) != len(d.asks) || len(absent) != len(d.asks) {
		return fmt.Errorf("dpsgd: %d columns appended to a discovery of %d", len(absent), len(d.asks))
	}
	for j := range d.asks {
		ask, t := &d.asks[j], &d.columns[j]
		if t.buckets != nil && len(numbers[j]) != len(absent[j]) || t.values != nil && len(texts[j]) != len(absent[j]) {
			return fmt.Errorf("dpsgd: column %d of the discovery has the wrong kind of cells", j)
		}
		for i, missing := range absent[j] {
			switch {
			case missing:
				t.missing++
			case t.buckets != nil:
				t.buckets[bucketOf(ask.Buckets, numbers[j][i])]++
			case t.values != nil:
				t.countText(texts[j][i])
			}
		}
	}
	return nil
}

// countText adds a row to a text's count. The text is copied once, since it may be
// part of a whole line.
func (t *tally) countText(text string) {
	if _, known := t.values[text]; !known {
		text = strings.Clone(text)
	}
	t.values[text]++
}

// bucketOf is the k with edges[k] ≤ x < edges[k+1], or the nearest.
func bucketOf(edges []float64, x float64) int {
	k := sort.Search(len(edges), func(k int) bool { return edges[k] > x }) - 1
	return min(max(k, 0), len(edges)-2)
}
