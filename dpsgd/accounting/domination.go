package accounting

import (
	"fmt"
	"math"
)

// A release is μ-Gaussian DP up to δ₀ if, in both directions and at every ε ≥ 0,
//
//	δ(ε) ≤ δ₀ + (1−δ₀)·δ_μ(ε),
//
// δ_μ being that of the Gaussian release of noise multiplier 1/μ. The right side is
// the curve of one that with probability δ₀ tells all and is that Gaussian else, so
// the release follows from that one by post-processing (Blackwell; Dong, Roth, Su
// 2022, arXiv:1905.02383, Theorem 2): whatever such releases are chosen one after
// the other, with probability 1−Σδ₀ all of them follow from Gaussians. That both
// directions hold at ε ≥ 0 says the same of ε < 0, where δ(ε) = 1−e^ε+e^ε·δ′(−ε), δ′
// in the other direction.

// dominationTolerance is the error of ε that the grid is chosen for, and
// dominationSteps how many points of a curve are looked at first.
const (
	dominationTolerance = 1e-3
	dominationSteps     = 256
)

// gaussianDominator returns the least μ, from above, for which the composition of
// e's releases is μ-Gaussian DP up to delta0: +Inf if there is none.
func gaussianDominator(e Event, delta0 float64) (float64, error) {
	if err := e.validate(); err != nil {
		return 0, err
	}
	if e.Delta > 0 {
		return 0, fmt.Errorf("accounting: mechanism=%s: its delta is no loss of a grid; take it off first", e.Mechanism)
	}
	c := newComposition([]Event{e})
	most := 0.0
	for _, add := range []bool{false, true} {
		mu, err := c.dominator(add, delta0)
		if err != nil {
			return 0, err
		}
		most = math.Max(most, mu)
	}
	return most * (1 + 1e-9), nil // what rounding of the closed forms may take off
}

// dominator is gaussianDominator in one direction.
func (c *composition) dominator(add bool, delta0 float64) (float64, error) {
	finest := c.finest()
	level := max(coarsestLevel, finest)
	tail := c.onGrid(level, add)
	theta := tail.findTilt(func(theta float64, at moments) float64 { return theta*at.mean - at.logMGF - math.Log(1/delta0) })
	for ; level > finest; level-- {
		if width := gridWidth(level); (theta+1)*float64(c.releaseCount())*width*width/12 <= dominationTolerance {
			break
		}
	}
	// Untilted the middle of the curve is exact, tilted its tail; either is a bound.
	for ; ; level++ {
		g := c.onGrid(level, add)
		middle, fits := g.compose(0)
		outer, alsoFits := g.compose(theta)
		if fits && alsoFits {
			return dominate(middle.curve(), outer.curve(), gridWidth(level), delta0)
		}
	}
}

// curve is an upper bound of δ(ε) at the grid points 0, h, 2h …
func (t *tilted) curve() []float64 {
	last := t.low + len(t.mass) - 1
	deltas := make([]float64, max(last+1, 1))
	growth, discount := -math.Expm1(-t.h), math.Exp(-t.h)
	above, discounted := 0.0, 0.0 // as in epsilon
	for i := last; i >= 0; i-- {
		scale := math.Exp(t.logMGF - t.theta*float64(i)*t.h)
		deltas[i] = math.Min(1, above+t.infinite+t.slack*scale)
		if i >= t.low {
			here := t.mass[i-t.low] * scale
			above += growth * (discounted + here)
			discounted = discount * (discounted + here)
		} else {
			above += growth * discounted
			discounted *= discount
		}
	}
	return deltas
}

// dominate returns the least μ whose curve lies above the lesser of a and b, which
// are bounds at the grid points: between two, the left one's δ is held against the
// Gaussian at the right one, since both curves fall. Beyond the ends of a and b only
// what is infinite is left, which delta0 has to cover.
func dominate(a, b []float64, h, delta0 float64) (float64, error) {
	at := func(k int) float64 {
		least := math.Inf(1)
		for _, curve := range [][]float64{a, b} {
			least = math.Min(least, curve[min(k, len(curve)-1)])
		}
		return (least - delta0) / (1 - delta0)
	}
	n := max(len(a), len(b))
	if at(n-1) > 0 {
		return math.Inf(1), nil
	}
	mu := 0.0
	raise := func(k int) {
		if wanted := at(k); wanted > 0 && gaussianDelta(mu, float64(k+1)*h) < wanted {
			mu = gaussianMu(float64(k+1)*h, wanted)
		}
	}
	for k := 0; k < n; k += 1 + n/dominationSteps {
		raise(k)
	}
	for k := range n {
		raise(k)
	}
	return mu, nil
}

// gaussianMu returns the μ with gaussianDelta(μ, ε) = delta, from above; 0 for delta ≤ 0.
func gaussianMu(epsilon, delta float64) float64 {
	switch {
	case delta <= 0:
		return 0
	case delta >= 1:
		return math.Inf(1)
	}
	low, high := 0.0, 1.0
	for gaussianDelta(high, epsilon) < delta {
		low, high = high, 2*high
		if math.IsInf(high, 1) {
			return high
		}
	}
	for high-low > 1e-12*high {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			break
		}
		if gaussianDelta(middle, epsilon) < delta {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}
