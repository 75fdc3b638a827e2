package discovery

import (
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// question is what pays for a fact.
func question(fact tabular.Fact) dpsgd.Question {
	switch fact {
	case tabular.FactBounds:
		return dpsgd.AskBounds
	case tabular.FactValues:
		return dpsgd.AskCategories
	}
	return dpsgd.AskMissing
}

// Undeclared splits what schema leaves open into what privacy.discovery pays for
// and what it does not. Missing cells are only asked about if they are paid for.
func Undeclared(schema tabular.Schema, privacy dpsgd.Config) (paid, unpaid []tabular.Gap) {
	for _, gap := range schema.Gaps() {
		if privacy.Discovery.Epsilon(question(gap.Fact)) > 0 {
			paid = append(paid, gap)
		} else {
			unpaid = append(unpaid, gap)
		}
	}
	if privacy.Discovery.Missing > 0 {
		paid = append(paid, schema.NullableGaps()...)
	}
	return paid, unpaid
}

// Prices lists what discovering gaps, and a row count that is to be
// discovered, will cost.
func Prices(gaps []tabular.Gap, privacy dpsgd.Config) ([]dpsgd.Price, error) {
	count := map[dpsgd.Question]int{}
	for _, gap := range gaps {
		count[question(gap.Fact)]++
	}
	if privacy.Discovery.Edges > 0 {
		count[dpsgd.AskEdges] = count[dpsgd.AskBounds]
	}
	if privacy.RowCount == dpsgd.RowCountDiscovered {
		count[dpsgd.AskRowCount] = 1
	}
	var prices []dpsgd.Price
	for _, q := range []dpsgd.Question{dpsgd.AskBounds, dpsgd.AskEdges, dpsgd.AskCategories, dpsgd.AskMissing, dpsgd.AskRowCount} {
		if count[q] == 0 {
			continue
		}
		price, err := privacy.Price(q, count[q])
		if err != nil {
			return nil, err
		}
		prices = append(prices, price)
	}
	return prices, nil
}
