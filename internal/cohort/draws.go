package cohort

import (
	"math"
	"math/rand/v2"
)

// chance is true with probability p.
func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// poisson counts exponential gaps of mean 1 until they exceed rate; it needs
// rate + 1 draws on average, and rates here are below 3.
func poisson(r *rand.Rand, rate float64) int {
	n := 0
	for sum := r.ExpFloat64(); sum < rate; sum += r.ExpFloat64() {
		n++
	}
	return n
}

// when is x if the condition holds, else 0: a term of a linear score.
func when(condition bool, x float64) float64 {
	if condition {
		return x
	}
	return 0
}

// logistic is 1/(1 + e^-x).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func square(x float64) float64 { return x * x }

func clamp(x, lo, hi float64) float64 { return math.Min(math.Max(x, lo), hi) }

// round keeps so many decimals, as the chart does, so that effects downstream
// see the recorded value.
func round(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(x*scale) / scale
}
