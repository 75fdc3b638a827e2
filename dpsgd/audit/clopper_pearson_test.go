package audit

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// At the lower bound, k or more successes have probability alpha; at the upper
// one, k or fewer have. The tails are summed term by term.
func TestProportionsInvertTheBinomialTail(t *testing.T) {
	for _, n := range []int{1, 10, 400, 5000} {
		for _, k := range []int{0, 1, 3, n / 2, n - 1, n} {
			if k < 0 || k > n {
				continue
			}
			for _, alpha := range []float64{0.05, 0.025, 1e-4} {
				low, high := lowerProportion(k, n, alpha), upperProportion(k, n, alpha)
				if k > 0 {
					near(t, "P[X ≥ k]", sum(binomial(n, low)[k:]), alpha)
				} else if low != 0 {
					t.Errorf("lower bound of 0 of %d is %g", n, low)
				}
				if k < n {
					near(t, "P[X ≤ k]", sum(binomial(n, high)[:k+1]), alpha)
				} else if high != 1 {
					t.Errorf("upper bound of all of %d is %g", n, high)
				}
			}
		}
	}
}

// All or none of n have closed forms, α^(1/n) and 1 − α^(1/n).
func TestProportionsKnown(t *testing.T) {
	near(t, "lower of 10 of 10", lowerProportion(10, 10, 0.05), math.Pow(0.05, 0.1))
	near(t, "upper of 0 of 10", upperProportion(0, 10, 0.05), 1-math.Pow(0.05, 0.1))
	near(t, "upper of 0 of 50000", upperProportion(0, 50_000, 0.025), 1-math.Pow(0.025, 1.0/50_000))
}

func sum(xs []float64) float64 {
	s := 0.0
	for _, x := range xs {
		s += x
	}
	return s
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-7*math.Abs(want) {
		t.Errorf("%s = %.12g, want %.12g", name, got, want)
	}
}

// coins are public uniforms for simulations.
type uniforms struct {
	draw device.Draw
	at   int
}

func (u *uniforms) next() float64 {
	u.at++
	return float64(u.draw.Uniform(u.at))
}
