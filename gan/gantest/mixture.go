package gantest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/mixture"
)

// Mixture is a mixture of a few atoms, each column of which prefers some cells.
func Mixture(t *testing.T, atoms int, counts ...int) *mixture.Mixture {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 8))
	var p []float32
	for range atoms {
		for _, count := range counts {
			column, sum := make([]float64, count), 0.0
			for k := range column {
				column[k] = math.Pow(r.ExpFloat64(), 2)
				sum += column[k]
			}
			for _, x := range column {
				p = append(p, float32(x/sum))
			}
		}
	}
	m, err := mixture.New(p, counts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Bought are all pairs of truth's columns, as if bought of rows rows with noise.
func Bought(truth *mixture.Mixture, rows, sigma float64, r *rand.Rand) *marginal.Measurements {
	counts := make([]int, truth.Columns())
	for j := range counts {
		counts[j] = truth.Cells(j)
	}
	m := Even(false, counts...)
	layout, exact, d := marginal.Layout(m.Columns), truth.Moments(), truth.Width()
	for j := range counts {
		c, masses, from := &m.Columns[j], make([]float64, counts[j]), layout.Spans[j].Start
		for k := range masses {
			masses[k], c.Noise[k] = float64(exact[(from+k)*d+from+k])*rows+sigma*r.NormFloat64(), sigma
		}
		c.Shares = marginal.ProjectToSimplex(masses, c.Noise, rows)
	}
	for _, pair := range m.Looked {
		var table []float64
		for x := range counts[pair[0]] {
			for y := range counts[pair[1]] {
				table = append(table, rows*float64(exact[(layout.Spans[pair[0]].Start+x)*d+layout.Spans[pair[1]].Start+y]))
			}
		}
		AddNoisy(m, pair, table, sigma, r)
	}
	return m
}

// Distance is the total variation distance of each pair of columns between two
// mixtures, on average.
func Distance(a, b *mixture.Mixture) float64 {
	x, y, d := a.Moments(), b.Moments(), a.Width()
	sum, pairs, start := 0.0, 0, 0
	for j := range a.Columns() {
		other := 0
		for k := range j {
			for u := start; u < start+a.Cells(j); u++ {
				for v := other; v < other+a.Cells(k); v++ {
					sum += math.Abs(float64(x[u*d+v]-y[u*d+v])) / 2
				}
			}
			other += a.Cells(k)
			pairs++
		}
		start += a.Cells(j)
	}
	return sum / float64(pairs)
}
