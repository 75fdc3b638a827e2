package marginal

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
)

// shares with equal noise are those without; with any noise it sums to one, is
// never negative, and moves a cell by its variance times the same amount.
func TestWeightedShares(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for trial := range 300 {
		n, total := 1+r.IntN(30), 1000.0
		counts, equal, noise := make([]float64, n), make([]float64, n), make([]float64, n)
		for k := range counts {
			counts[k] = r.NormFloat64()*300 + total/float64(n)
			equal[k], noise[k] = 17, math.Exp(2*r.NormFloat64())
		}
		want := ProjectToSimplex(counts, nil, total)
		for k, p := range ProjectToSimplex(counts, equal, total) {
			if math.Abs(p-want[k]) > 1e-9 {
				t.Fatalf("trial %d: equal noise gives %g, shares %g", trial, p, want[k])
			}
		}
		got, sum, tau := ProjectToSimplex(counts, noise, total), 0.0, math.NaN()
		for k, p := range got {
			if !(p >= 0) {
				t.Fatalf("trial %d: share %g", trial, p)
			}
			sum += p
			if p == 0 {
				continue
			}
			moved := (counts[k] - p*total) / (noise[k] * noise[k])
			if math.IsNaN(tau) {
				tau = moved
			}
			if math.Abs(moved-tau) > 1e-6*(1+math.Abs(tau)+total/(noise[k]*noise[k])) {
				t.Fatalf("trial %d: one cell moves by %g variances, another by %g", trial, tau, moved)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("trial %d: shares sum to %g", trial, sum)
		}
	}
	if got := ProjectToSimplex([]float64{600, 600}, []float64{1, 10}, 1000); got[0] < 0.597 || got[1] > 0.403 {
		t.Errorf("shares %v: the noisier cell must give way", got)
	}
}

// shared runs share over bins of which each cell holds a run of size.
func shared(counts []float64, size int, sigma, total float64, number bool) Binning {
	c := Binning{Cells: dpsgd.Cells{Index: make([]uint32, len(counts)), Count: (len(counts) + size - 1) / size}}
	for b := range counts {
		c.Index[b] = uint32(b / size)
	}
	c.setShares(c.estimateDensity(newHistogram(nil, counts, sigma), number), total)
	return c
}

// Whatever the counts, also below zero, the shares of cells and those of the bins
// in each cell are finite, none below zero, and sum to one.
func TestShareIsADistribution(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	for trial := range 300 {
		bins, size, sigma := 1+r.IntN(100), 1+r.IntN(20), math.Exp(4*r.NormFloat64())
		counts := make([]float64, bins)
		level := []float64{0, 10, -1e4, 1e5}[trial%4]
		for b := range counts {
			counts[b] = level*r.Float64() + sigma*r.NormFloat64()
		}
		c := shared(counts, size, sigma, 1000, trial%3 > 0)
		within, sum := make([]float64, c.Count), 0.0
		for b, p := range c.Within {
			if !(p >= 0 && p <= 1+1e-9) {
				t.Fatalf("trial %d: bin %d has the share %g", trial, b, p)
			}
			within[c.Index[b]] += p
		}
		for k, p := range c.Shares {
			if !(p >= 0) || math.Abs(within[k]-1) > 1e-9 {
				t.Fatalf("trial %d: cell %d has the share %g, its bins %g", trial, k, p, within[k])
			}
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("trial %d: shares sum to %g", trial, sum)
		}
	}
}

// One bin that stands out keeps its share, wherever it lies, and the rest stays even.
func TestHalvingKeepsWhatStandsOut(t *testing.T) {
	const bins, level, peak, sigma = 64, 100.0, 5000.0, 10.0
	r := rand.New(rand.NewPCG(3, 3))
	for at := range bins {
		counts := make([]float64, bins)
		for b := range counts {
			counts[b] = level + sigma*r.NormFloat64()
		}
		counts[at] += peak
		total := (bins-1)*level + level + peak
		c := shared(counts, bins, sigma, total, false)
		// Each of 6 halvings takes 4 variances over the difference, which is at least
		// half the peak; the noise itself is 6 standard deviations at most.
		if got, want := c.Within[at]*total, level+peak; math.Abs(got-want) > 20*sigma {
			t.Errorf("bin %d keeps %g of %g", at, got, want)
		}
		for b, p := range c.Within {
			if b != at && math.Abs(p*total-level) > 0.6*level {
				t.Errorf("bin %d beside the peak at %d has %g, not about %g", b, at, p*total, level)
			}
		}
	}
}

// Pure noise becomes smooth: of its variance little more than half is left.
// Shrinkage by 0.7 standard deviations leaves E(x-0.49/x)²[|x|>0.7] ≈ 0.5.
func TestHalvingSmoothsNoise(t *testing.T) {
	const bins, level, sigma = 64, 100.0, 30.0
	r := rand.New(rand.NewPCG(4, 3))
	before, after := 0.0, 0.0
	for range 200 {
		counts, sum := make([]float64, bins), 0.0
		for b := range counts {
			counts[b] = level + sigma*r.NormFloat64()
			sum += counts[b]
		}
		for b, p := range shared(counts, bins, sigma, sum, false).Within {
			before += math.Pow(counts[b]/sum-1.0/bins, 2)
			after += math.Pow(p-1.0/bins, 2)
		}
	}
	if after > 0.6*before {
		t.Errorf("%.2g of the noise is left", after/before)
	}
}

// The density of a number runs on a slope, also within cells that noise would
// leave even: a straight line is found again but at its ends.
func TestShareOfANumberIsStraight(t *testing.T) {
	const bins, size = 80, 10
	counts := make([]float64, bins)
	for b := range counts {
		counts[b] = 100 + 2*float64(b)
	}
	const sigma = 100 // hides the slope in a cell, 20 from end to end
	sloped, even := shared(counts, size, sigma, 1, true), shared(counts, size, sigma, 1, false)
	for b := size; b < bins-size; b++ {
		cell := counts[b/size*size : b/size*size+size]
		mass := 0.0
		for _, n := range cell {
			mass += n
		}
		if want := counts[b] / mass; math.Abs(sloped.Within[b]-want) > 1e-9 {
			t.Errorf("bin %d has the share %g of its cell, want %g", b, sloped.Within[b], want)
		}
		if math.Abs(even.Within[b]-1.0/size) > 1e-9 {
			t.Errorf("bin %d of a list has the share %g, want %g", b, even.Within[b], 1.0/size)
		}
	}
}
