package plan

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/tabular"
)

// Asked is one question of a discovery.
type Asked struct {
	Question     dpsgd.Question `json:"question"`
	Columns      int            `json:"columns"`
	EpsilonAlone float64        `json:"epsilon_alone"`
	Rows         int64          `json:"rows"`
	// Buys says what is found.
	Buys string `json:"-"`
}

// SuggestedDiscovery is what a refusal and a drafted schema propose to pay for
// each question: together, for the columns of most tables and at δ = 1e-5, about
// ε = 0.1, as Gaussian noises add up in squares.
func SuggestedDiscovery() dpsgd.DiscoveryConfig {
	return dpsgd.DiscoveryConfig{Bounds: 0.04, Categories: 0.08, Missing: 0.015, RowCount: 0.015}
}

// RefuseGaps lists each gap with the two ways to close it.
func RefuseGaps(gaps []tabular.Gap, privacy dpsgd.Config) error {
	suggested := privacy
	suggested.Discovery, suggested.RowCount = SuggestedDiscovery(), dpsgd.RowCountPublic
	prices, err := discovery.Prices(gaps, suggested)
	if err != nil {
		return err
	}
	errs := []error{fmt.Errorf("data.columns: %s not declared, and finding them in the data costs privacy: declare them, or pay with privacy.discovery", amount.Of(len(gaps), "fact"))}
	for _, gap := range gaps {
		key := dpsgd.AskBounds
		if gap.Fact == tabular.FactValues {
			key = dpsgd.AskCategories
		}
		for _, price := range prices {
			if price.Question == key {
				errs = append(errs, fmt.Errorf("data.columns: column %q: %s missing: declare them, or set privacy.discovery.%s, such as %g for all %s (%s)",
					gap.Name, gap.Fact, key, suggested.Discovery.Epsilon(key), amount.Of(price.Columns, "column"), Buys(price)))
			}
		}
	}
	return errors.Join(errs...)
}

// ChargeDiscovery charges what discovering gaps will cost to a budget that plans.
func ChargeDiscovery(budget *dpsgd.Budget, privacy dpsgd.Config, gaps []tabular.Gap) ([]dpsgd.Price, error) {
	prices, err := discovery.Prices(gaps, privacy)
	if err != nil {
		return nil, err
	}
	for _, price := range prices {
		for _, event := range price.Events {
			if err := budget.Charge(event); err != nil {
				return nil, err
			}
		}
	}
	return prices, nil
}

// Buys says what a price finds.
func Buys(p dpsgd.Price) string {
	switch p.Question {
	case dpsgd.AskBounds:
		return fmt.Sprintf("finds ranges that hold about %s", amount.Of(int(p.Rows), "row"))
	case dpsgd.AskEdges:
		return fmt.Sprintf("tightens them to where about %s are", amount.Of(int(p.Rows), "row"))
	case dpsgd.AskCategories:
		return fmt.Sprintf("finds values that about %s share", amount.Of(int(p.Rows), "row"))
	case dpsgd.AskMissing:
		return fmt.Sprintf("sees missing cells if there are about %s", amount.Grouped(int(p.Rows)))
	}
	return fmt.Sprintf("within %s, 95 %% of the time", amount.Of(int(p.Rows), "row"))
}
