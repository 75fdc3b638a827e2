package marginal

import (
	"math"
	"math/rand/v2"
	"testing"
)

// shares is the projection onto the simplex: it sums to one, is never negative,
// leaves what lies on the simplex alone, and no other point of the simplex is
// nearer to the counts.
func TestSharesProject(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, total := 1+rng.IntN(30), 1000.0
		counts := make([]float64, n)
		for k := range counts {
			counts[k] = rng.NormFloat64()*300 + total/float64(n)
		}
		got := ProjectToSimplex(counts, nil, total)
		distance := func(p []float64) (d float64) {
			for k := range p {
				d += (p[k] - counts[k]/total) * (p[k] - counts[k]/total)
			}
			return d
		}
		sum := 0.0
		for _, p := range got {
			if p < 0 {
				t.Fatalf("negative share %g", p)
			}
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("shares sum to %g", sum)
		}
		best := distance(got)
		for range 20 {
			other, otherSum := make([]float64, n), 0.0
			for k := range other {
				other[k] = math.Max(0, got[k]+rng.NormFloat64()*0.05)
				otherSum += other[k]
			}
			if otherSum == 0 {
				continue
			}
			for k := range other {
				other[k] /= otherSum
			}
			if distance(other) < best-1e-12 {
				t.Fatalf("a nearer point of the simplex exists: %g < %g", distance(other), best)
			}
		}
		again := make([]float64, n)
		for k := range again {
			again[k] = got[k] * total
		}
		for k, p := range ProjectToSimplex(again, nil, total) {
			if math.Abs(p-got[k]) > 1e-9 {
				t.Fatal("a point of the simplex was moved")
			}
		}
	}
}
