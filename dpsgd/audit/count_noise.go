package audit

import (
	"context"
	"fmt"
	"math"
)

// largeTable is how many cells the largest table has whose noise is looked at.
const largeTable = 100_000

// countNoise measures the noise on empty tables, one of them large, and on scores: that
// it is an integer, its mean, its variance, its distribution (χ²), that neighbours share
// none, and that no stretch of a table goes without.
func countNoise(_ context.Context, a *countAuditor) (Result, error) {
	for _, r := range a.releases {
		c := Counts{Cells: 4000, Times: 1, NoiseMultiplier: r.NoiseMultiplier, Epsilon: unlimitedEpsilon, Seed: a.ownSeed()}
		switch {
		case r.Scores:
			c.Cells, c.Times, c.Expected = 2, 4000, []int64{0, 0}
		case r == a.leastNoise():
			c.Cells = largeTable
		}
		counted, err := a.mechanism.Release(c)
		if err != nil {
			return Result{}, err
		}
		var x []float64
		for _, values := range counted.Values {
			x = append(x, values...)
		}
		if fault := roundedNormalFault(x, r.NoiseMultiplier); fault != "" {
			return failed("%s at noise multiplier %.4g: %s", r.Name, r.NoiseMultiplier, fault), nil
		}
	}
	return passed("%d kinds of counts: integers with the mean, variance and distribution of rounded normals, uncorrelated",
		len(a.releases)), nil
}

// roundedNormalFault says how x differs from independent draws of N(0, σ²), rounded.
// Together its tests raise a false alarm about once in 10⁵ audits.
func roundedNormalFault(x []float64, sigma float64) string {
	m, fault := measureNoise(x, sigma)
	if fault != "" {
		return fault
	}
	fit := m.goodnessOfFit(sigma)
	n, variance := m.n, fit.variance
	off := func(value, spread float64) bool { return !(math.Abs(value) <= deviations*spread) }
	tail := -math.Log(1e-6) // Pr[χ²_d > d + 2√(dx) + 2x] ≤ e^-x (Laurent, Massart 2000, lemma 1)
	switch d := fit.cells - 1; {
	case variance < 1e-6:
		return "" // σ so small that every draw is 0, and every sum too
	case off(m.sum/n, math.Sqrt(variance/n)):
		return fmt.Sprintf("the noise's mean is %.3g", m.sum/n)
	case off(m.squares/n-variance, math.Sqrt((fit.fourth-variance*variance)/n)+1e-3*variance/math.Sqrt(n)):
		return fmt.Sprintf("the noise's variance is %.4g of noise_multiplier²", m.squares/n/(sigma*sigma))
	case off(m.across/n, variance/math.Sqrt(n)):
		return fmt.Sprintf("neighbouring counts are correlated by %.3g", m.across/n/variance)
	case d > 0 && fit.chi > d+2*math.Sqrt(d*tail)+2*tail:
		return fmt.Sprintf("χ² of %.1f over %g cells: it is no rounded normal", fit.chi, fit.cells)
	}
	return ""
}

// countNoiseSums are sums over n draws, and how many fall into each bin of width integers.
type countNoiseSums struct {
	n, sum, squares, across float64
	width                   float64
	counts                  map[float64]float64
}

// measureNoise adds up x, unless a draw is no integer or many in a row are 0.
func measureNoise(x []float64, sigma float64) (m countNoiseSums, fault string) {
	m = countNoiseSums{n: float64(len(x)), width: math.Max(1, math.Floor(sigma/8)), counts: map[float64]float64{}}
	const stretch = 1000
	silent := 0
	for i, v := range x {
		if v != math.Round(v) {
			return m, fmt.Sprintf("%g is no integer", v)
		}
		m.sum, m.squares = m.sum+v, m.squares+v*v
		if i > 0 {
			m.across += v * x[i-1]
		}
		m.counts[math.Floor(v/m.width)]++
		if silent++; v != 0 {
			silent = 0
		}
		if silent > stretch && sigma > 0.5 { // 0.7^1000
			return m, fmt.Sprintf("%d counts in a row have no noise", stretch)
		}
	}
	return m, ""
}

// roundedNormalFit is χ² over cells of bins, and the second and fourth moment of the
// rounded normal that they are held against.
type roundedNormalFit struct{ chi, cells, variance, fourth float64 }

// goodnessOfFit holds the bins against those of N(0, σ²), rounded; rare ones together are a cell.
func (m *countNoiseSums) goodnessOfFit(sigma float64) (f roundedNormalFit) {
	n, width := m.n, m.width
	cdf := func(k float64) float64 { return normalCDF((k - 0.5) / sigma) } // Pr[X < k]
	rest, restExpected := 0.0, 0.0
	for bin := -math.Ceil(12*sigma/width) - 1; bin <= math.Ceil(12*sigma/width)+1; bin++ {
		p := cdf((bin+1)*width) - cdf(bin*width)
		if bin >= 0 { // without cancellation
			p = cdf(1-bin*width) - cdf(1-(bin+1)*width)
		}
		middle := bin*width + (width-1)/2
		f.variance, f.fourth = f.variance+p*middle*middle, f.fourth+p*math.Pow(middle, 4)
		if n*p < 20 {
			rest, restExpected = rest+m.counts[bin], restExpected+n*p
			continue
		}
		f.chi, f.cells = f.chi+(m.counts[bin]-n*p)*(m.counts[bin]-n*p)/(n*p), f.cells+1
	}
	if restExpected > 20 {
		f.chi, f.cells = f.chi+(rest-restExpected)*(rest-restExpected)/restExpected, f.cells+1
	}
	if width > 1 { // exact but for e^{-2π²σ²}; the pools' middles are too coarse
		f.variance, f.fourth = sigma*sigma+1.0/12, 3*math.Pow(sigma, 4)
	}
	return f
}
