package dpsgd

import (
	"fmt"
	"math"
	"testing"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// What a question costs, by the accountant, is what it may cost, and not much less.
func TestPriceIsWhatItSays(t *testing.T) {
	for _, accountant := range []string{"pld", "rdp"} {
		for _, question := range []Question{AskBounds, AskCategories, AskMissing, AskRowCount} {
			for _, columns := range []int{1, 3, 20, 1000} {
				if question == AskRowCount && columns > 1 {
					continue
				}
				c := discoveryConfig()
				c.Accountant = accountant
				p, err := c.Price(question, columns)
				if err != nil {
					t.Fatal(err)
				}
				epsilon, err := accounting.Accountant(accountant).Epsilon(p.Events, c.TargetDelta)
				if err != nil {
					t.Fatal(err)
				}
				if limit := c.Discovery.Epsilon(question); epsilon != p.Epsilon || epsilon > limit || epsilon < 0.5*limit {
					t.Errorf("%s: %s of %d columns: ε=%g, stated %g, allowed %g", accountant, question, columns, epsilon, p.Epsilon, limit)
				}
				for _, e := range p.Events {
					if e.Count != columns || e.Stage != "discovery" {
						t.Errorf("%s of %d columns: event %+v", question, columns, e)
					}
				}
			}
		}
	}
}

// The noise passes its bound as often as the bound says, or less.
func TestUpperQuantileBoundsTheTail(t *testing.T) {
	for _, n := range []countNoise{{11.3}, {0.4}} {
		source, err := newStream(InsecureEntropy(9))
		if err != nil {
			t.Fatal(err)
		}
		const draws, tail = 40_000, 0.01
		above, bound := 0, n.upperQuantile(tail)
		noise, err := n.draw(draws, source)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range noise {
			if x >= bound {
				above++
			}
		}
		// The least bound, by the rounded normal's own tail.
		reaches := func(k int64) float64 { return math.Erfc((float64(k)-0.5)/(n.sigma*math.Sqrt2)) / 2 }
		if reaches(bound) > tail || reaches(bound-1) <= tail {
			t.Errorf("σ=%g: bound %d is reached with probability %g, %d with %g", n.sigma, bound, reaches(bound), bound-1, reaches(bound-1))
		}
		// 5 standard errors above the bound.
		if got := float64(above) / draws; got > tail+5*math.Sqrt(tail/draws) {
			t.Errorf("%+v reaches %d with frequency %g, more than %g", n, bound, got, tail)
		}
	}
}

// A category of one row is named with probability δ' at most. At a δ' of 1e-3,
// 10,000 categories give at most 10 in the mean; more than 30 come once in 1e7.
func TestSelectionDeltaIsBounded(t *testing.T) {
	for _, epsilon := range []float64{0.5, 3} { // Laplace, Gaussian
		c := discoveryConfig()
		c.TargetEpsilon, c.TargetDelta, c.Discovery.Categories = 5, 1e-2, epsilon
		budget, _ := discoveryBudget(t, c)
		d, err := NewDiscovery(c, []Ask{{Values: true}}, budget, SecureEntropy())
		if err != nil {
			t.Fatal(err)
		}
		const rows = 10_000
		texts := make([]string, rows)
		for i := range texts {
			texts[i] = fmt.Sprint(i)
		}
		if err := d.Append([][]float64{nil}, [][]string{texts}, [][]bool{make([]bool, rows)}); err != nil {
			t.Fatal(err)
		}
		answers, err := d.Answers()
		if err != nil {
			t.Fatal(err)
		}
		if got := len(answers[0].Values); got > 30 {
			t.Errorf("ε=%g: %d of %d categories of one row were named, at most %g expected", epsilon, got, rows, 1e-3*rows)
		}
	}
}
