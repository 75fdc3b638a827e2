package eval

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// z95 is the half width of a 95 % interval in standard errors.
const z95 = 1.959963984540054

// upperZ is the one-sided normal quantile at which one of k tests may be wrong
// with a probability of alpha over all of them (Bonferroni).
func upperZ(alpha float64, k int) float64 {
	return distuv.UnitNormal.Quantile(1 - alpha/float64(max(1, k)))
}

// estimate is a number with the half width of its 95 % interval.
type estimate struct{ value, error float64 }

// wilson estimates a rate from hits of n trials: the centre of Wilson's score
// interval and its half width (Wilson 1927), as Anonymeter has it.
func wilson(hits, n float64) estimate {
	if n == 0 {
		return estimate{.5, .5}
	}
	const z2 = z95 * z95
	return estimate{(hits + z2/2) / (n + z2), z95 / (n + z2) * math.Sqrt(hits*(n-hits)/n+z2/4)}
}

// risk is what an attack gains over the control set, (r−c)/(1−c): the part of
// its success that needs the very rows the table was made from (Giomi et al.
// 2023, arXiv:2211.10459, section 3), with the error propagated.
func risk(rate, control estimate) estimate {
	rest := 1 - control.value
	if rest <= 0 {
		return estimate{0, 1}
	}
	return estimate{
		(rate.value - control.value) / rest,
		math.Hypot(rate.error/rest, (1-rate.value)/(rest*rest)*control.error),
	}
}
