package dpsgd

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Answers adds the noise and lets the answers out, once: a second set would be a
// second release.
func (d *Discovery) Answers() ([]Answer, error) {
	if d.columns == nil {
		return nil, errors.New("dpsgd: discovery: the answers were already given: each set must be paid")
	}
	source, err := newStream(d.entropy)
	if err != nil {
		return nil, err
	}
	columns := d.columns
	d.columns = nil
	answers := make([]Answer, len(columns))
	for j := range columns {
		if err := d.answer(&answers[j], &d.asks[j], &columns[j], source); err != nil {
			return nil, fmt.Errorf("dpsgd: noise for discovery: %w", err)
		}
	}
	return answers, nil
}

func (d *Discovery) answer(a *Answer, ask *Ask, t *tally, source *stream) error {
	if t.buckets != nil {
		price := d.prices[ask.Range]
		noisy, err := price.noise.draw(len(t.buckets), source)
		if err != nil {
			return err
		}
		for k, count := range t.buckets {
			noisy[k] += count
		}
		a.Low, a.High, a.Unsure = noisyRange(noisy, price.Rows, price.neighbourThreshold)
	}
	if t.values != nil {
		price := d.prices[AskCategories]
		values := slices.Sorted(maps.Keys(t.values)) // so that a seed repeats the draws
		noise, err := price.noise.draw(len(values), source)
		if err != nil {
			return err
		}
		for k, value := range values {
			if t.values[value]+noise[k] > price.Rows {
				a.Values = append(a.Values, value)
			}
		}
	}
	if ask.Missing {
		price := d.prices[AskMissing]
		noise, err := price.noise.draw(1, source)
		if err != nil {
			return err
		}
		a.Missing = t.missing+noise[0] >= price.Rows
	}
	return nil
}

// noisyRange is the range from the first to the last bucket that stands out of the
// noise: one whose noisy count reaches threshold; or up to longestRun neighbours,
// none of which does, whose sum reaches threshold·√length, as the noise on it grows
// by the same root; or a neighbour of these that reaches neighbourThreshold.
func noisyRange(noisy []int64, threshold, neighbourThreshold int64) (first, after int, unsure bool) {
	out := make([]bool, len(noisy))
	for length := 1; length <= longestRun; length++ {
		least := float64(threshold) * math.Sqrt(float64(length))
		for k := 0; k+length <= len(noisy); k++ {
			sum := int64(0)
			for _, n := range noisy[k : k+length] {
				sum += n
			}
			if run := out[k : k+length]; float64(sum) >= least && !slices.Contains(run, true) {
				for i := range run {
					run[i] = true
				}
			}
		}
	}
	first = slices.Index(out, true)
	if first < 0 {
		first = slices.Index(noisy, slices.Max(noisy))
		return first, first + 1, true
	}
	after = len(out)
	for !out[after-1] {
		after--
	}
	for first > 0 && noisy[first-1] >= neighbourThreshold {
		first--
	}
	for after < len(noisy) && noisy[after] >= neighbourThreshold {
		after++
	}
	return first, after, false
}

// ReleaseRowCount makes RowCount a noisy count, charged to the budget first, of
// which config says what it may cost.
func (g *Gate) ReleaseRowCount(config Config) (int, error) {
	price, err := config.Price(AskRowCount, 1)
	if err != nil {
		return 0, err
	}
	if err := g.budget.chargePrices([]Price{price}); err != nil {
		return 0, err
	}
	source, err := newStream(g.entropy)
	if err != nil {
		return 0, err
	}
	noise, err := price.noise.draw(1, source)
	if err != nil {
		return 0, fmt.Errorf("dpsgd: noise for the row count: %w", err)
	}
	g.released = max(1, int(math.Min(float64(int64(g.rows)+noise[0]), math.MaxInt32)))
	return g.released, nil
}
