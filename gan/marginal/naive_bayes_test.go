package marginal

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
)

// starOf are the counts [cells, 2] of a column with a target, with noise sigma.
func starOf(given [2][]float64, weights []float64, rows, sigma float64, r *rand.Rand) []float64 {
	var counts []float64
	for k := range given[0] {
		for v, w := range weights {
			counts = append(counts, rows*w*given[v][k]+sigma*r.NormFloat64())
		}
	}
	return counts
}

// Tables with the target tell the shares in each class if they are precise, nothing if
// they are noise, and columns without one are independent of the target. A pair is
// then independent given the class, and its cells sum to one.
func TestClassesOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	weights := []float64{0.3, 0.7}
	given := [2][]float64{{0.1, 0.2, 0.7}, {0.5, 0.4, 0.1}}
	shares := [][]float64{{0.38, 0.34, 0.28}, {0.38, 0.34, 0.28}, weights, {0.25, 0.75}}
	const rows = 1000.0
	tables := [][]float64{starOf(given, weights, rows, 0, r), starOf(given, weights, rows, 1e5, r), nil, nil}
	c := newNaiveBayes(shares, tables, 2, 1e-6, rows)
	for v := range weights {
		if off := floats.Distance(c.conditional[0][v], given[v], math.Inf(1)); off > 1e-9 {
			t.Errorf("class %d: %v, want %v", v, c.conditional[0][v], given[v])
		}
		if off := floats.Distance(c.conditional[3][v], shares[3], math.Inf(1)); off > 0 {
			t.Errorf("class %d of a column without a table: %v", v, c.conditional[3][v])
		}
		if c.conditional[2][v][v] != 1 || c.conditional[2][v][1-v] != 0 {
			t.Errorf("the target in its own class %d: %v", v, c.conditional[2][v])
		}
	}
	pair, sum := c.Pair(0, 3), 0.0
	for k, p := range pair {
		if math.Abs(p-shares[0][k/2]*shares[3][k%2]) > 1e-9 {
			t.Errorf("cell %d of a pair with an independent column: %g", k, p)
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("a pair sums to %g", sum)
	}
	if p, want := c.Pair(0, 0)[2], 0.3*0.1*0.7+0.7*0.5*0.1; math.Abs(p-want) > 1e-9 {
		t.Errorf("a pair of two columns that follow the target: %g, want %g", p, want)
	}
	noisy := newNaiveBayes(shares, tables, 2, 1e5, rows)
	for v := range weights {
		for k, p := range noisy.conditional[1][v] {
			if !(p >= 0) || math.Abs(noisy.conditional[0][v][k]-shares[0][k]) > 1e-9 {
				t.Errorf("noise teaches: %v, %v", noisy.conditional[0], noisy.conditional[1])
			}
		}
	}
	if got := Independent(shares).Pair(1, 3); math.Abs(got[3]-0.34*0.75) > 1e-12 {
		t.Errorf("independent columns: %v", got)
	}
}

// Joining cells and then pairing columns is pairing and then joining.
func TestGatheredClasses(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	weights := []float64{0.4, 0.6}
	given := [2][]float64{{0.1, 0.2, 0.3, 0.4}, {0.4, 0.3, 0.2, 0.1}}
	shares := [][]float64{{0.28, 0.26, 0.24, 0.22}, {0.28, 0.26, 0.24, 0.22}, weights}
	star := starOf(given, weights, 100, 0, r)
	c := newNaiveBayes(shares, [][]float64{star, star, nil}, 2, 1e-9, 100)
	of := [][]int{{0, 0, 1, 1}, {0, 1, 1, 1}, {0, 1}}
	want, whole := make([]float64, 4), c.Pair(0, 1)
	for k, p := range whole {
		want[of[0][k/4]*2+of[1][k%4]] += p
	}
	if got := c.gather(of, []int{2, 2, 2}).Pair(0, 1); floats.Distance(got, want, math.Inf(1)) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}
