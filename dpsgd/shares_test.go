package dpsgd

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

func TestSharesAreChecked(t *testing.T) {
	of := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		marginals, discriminator *float64
		text                     string // of the error; "": none
	}{
		{nil, nil, ""},
		{of(1), nil, ""},
		{of(1), of(0), ""},
		{of(0), nil, ""},
		{nil, of(0), ""},
		{of(0.3), of(0.7), ""},
		{of(0.1), of(0.2), ""},
		{of(0), of(0.9), ""},
		{of(-0.1), nil, "privacy.budget.marginals=-0.1"},
		{of(1.1), nil, "privacy.budget.marginals=1.1"},
		{of(math.NaN()), nil, "privacy.budget.marginals=NaN"},
		{nil, of(-1), "privacy.budget.discriminator=-1"},
		{nil, of(math.Inf(1)), "privacy.budget.discriminator=+Inf"},
		{nil, of(math.NaN()), "privacy.budget.discriminator=NaN"},
		{of(0.8), of(0.4), "must not exceed 1 together"},
		{of(0), of(0), "one of marginals and discriminator must be above 0"},
		{nil, of(1), "privacy.budget.discriminator=1: must be below 1"},
		{of(0), of(1), "privacy.budget.discriminator=1: must be below 1"},
	} {
		config := DefaultConfig()
		config.Budget = Shares{c.marginals, c.discriminator}
		err := config.Validate()
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %q", config.Budget.words(), err, c.text)
		}
	}
}

func (s Shares) words() string {
	word := func(x *float64) string {
		if x == nil {
			return "auto"
		}
		return fmt.Sprint(*x)
	}
	return word(s.Marginals) + ", " + word(s.Discriminator)
}

// A run of tables alone fits its target, and leaves less than a hundredth of it.
func TestTablesAloneSpendTheTarget(t *testing.T) {
	for _, accountant := range []accounting.Accountant{accounting.RDP, accounting.PLD} {
		for _, epsilon := range []float64{0.1, 1, 10} {
			if accountant == accounting.PLD && epsilon != 1 {
				continue // some seconds
			}
			for _, counts := range [][]Release{
				{{Count: 15, Share: 0.2}, {Count: 91, Share: 0.8}},
				{{Count: 7, Share: 0.1}, {Count: 15, Share: 0.1}, {Count: 91, Share: 0.8}},
				{{Count: 1, Share: 1}},
				{{Count: 60, Share: 0.5}, {Count: 1000, Share: 0.5}},
			} {
				r := Releases{Counts: slices.Clone(counts)}
				config := DefaultConfig()
				config.Accountant, config.TargetEpsilon = string(accountant), epsilon
				b, err := PlanBudget(config)
				if err != nil {
					t.Fatal(err)
				}
				if err := b.Calibrate(config, &r); err != nil {
					t.Fatalf("%s, ε=%g, %+v: %v", accountant, epsilon, r, err)
				}
				if r.NoiseMultiplier != 0 {
					t.Errorf("%+v: no steps, but their noise is %g", r, r.NoiseMultiplier)
				}
				for _, event := range r.Events() {
					if err := b.Charge(event); err != nil {
						t.Errorf("%s, ε=%g, %+v: the calibrated tables are refused: %v", accountant, epsilon, r, err)
					}
				}
				if spent, err := b.Epsilon(); err != nil || spent > epsilon || spent < 0.99*epsilon {
					t.Errorf("%s, %+v: spent %g of %g, %v", accountant, r, spent, epsilon, err)
				}
			}
		}
	}
}
