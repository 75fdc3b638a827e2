package devicetest

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// falseAlarm is the probability that a statistical test fails a right device
// with another seed. The seeds are fixed, so a device that passes keeps passing.
const falseAlarm = 1e-6

// near checks |got - want| <= bound for every element.
func near(t *testing.T, name string, got, want values, bound func(i, j int) float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d rows, want %d", name, len(got), len(want))
	}
	for i := range want {
		for j := range want[i] {
			g, w := got[i][j], want[i][j]
			if g == w || math.IsNaN(g) && math.IsNaN(w) {
				continue
			}
			if b := bound(i, j); !(math.Abs(g-w) <= b) {
				t.Errorf("%s[%d][%d] = %v, want %v within %.1e", name, i, j, g, w, b)
				return
			}
		}
	}
}

// within bounds the error by absolute + relative·|want|.
func within(want values, absolute, relative float64) func(i, j int) float64 {
	return func(i, j int) float64 { return absolute + relative*math.Abs(want[i][j]) }
}

func exact(int, int) float64 { return 0 }

// chiSquare checks counts against probabilities, at the false-alarm rate.
func chiSquare(t *testing.T, name string, counts, probabilities []float64) {
	t.Helper()
	total := 0.0
	for _, c := range counts {
		total += c
	}
	statistic, freedom := 0.0, -1.0
	for k, p := range probabilities {
		if p*total < 5 {
			t.Fatalf("%s: expected count %v of cell %d is too small for the test", name, p*total, k)
		}
		statistic += (counts[k] - p*total) * (counts[k] - p*total) / (p * total)
		freedom++
	}
	if freedom < 1 {
		return
	}
	if p := (distuv.ChiSquared{K: freedom}).Survival(statistic); p < falseAlarm {
		t.Errorf("%s: χ²=%.1f with %.0f degrees of freedom, p=%.1e: counts %v, probabilities %v", name, statistic, freedom, p, counts, probabilities)
	}
}

// standardNormal checks mean and variance of draws, each at the false-alarm rate.
func standardNormal(t *testing.T, name string, draws []float64) {
	t.Helper()
	sum, squares, n := 0.0, 0.0, float64(len(draws))
	for _, x := range draws {
		sum += x
		squares += x * x
	}
	limit := distuv.UnitNormal.Quantile(1 - falseAlarm/2)
	if z := sum / math.Sqrt(n); math.Abs(z) > limit {
		t.Errorf("%s: mean %v is %.1fσ from 0", name, sum/n, z)
	}
	law := distuv.ChiSquared{K: n}
	if p := 2 * min(law.CDF(squares), law.Survival(squares)); p < falseAlarm {
		t.Errorf("%s: mean square %v of %v draws, p=%.1e", name, squares/n, n, p)
	}
}

// slope is the central difference of loss by *x.
func slope(loss func() float64, x *float64) float64 {
	const h = 1e-5
	at := *x
	*x = at + h
	above := loss()
	*x = at - h
	below := loss()
	*x = at
	return (above - below) / (2 * h)
}

// slopes is the gradient of loss by each element of x.
func slopes(loss func() float64, x values) values {
	g := constant(len(x), len(x[0]), 0)
	for i := range x {
		for j := range x[i] {
			g[i][j] = slope(loss, &x[i][j])
		}
	}
	return g
}

// weighted is Σ weights ⊙ v, the loss whose gradient at v is weights.
func weighted(weights, v values) float64 {
	sum := 0.0
	for i := range v {
		for j := range v[i] {
			sum += weights[i][j] * v[i][j]
		}
	}
	return sum
}
