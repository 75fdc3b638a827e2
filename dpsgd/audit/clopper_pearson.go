package audit

import "gonum.org/v1/gonum/mathext"

// lowerProportion is the one-sided Clopper–Pearson bound (1934): the p at which
// k or more of n successes have probability alpha. The true proportion lies
// below it with probability at most alpha.
func lowerProportion(k, n int, alpha float64) float64 {
	if k <= 0 {
		return 0
	}
	return mathext.InvRegIncBeta(float64(k), float64(n-k+1), alpha)
}

// upperProportion is the p at which k or fewer of n successes have probability
// alpha. The true proportion lies above it with probability at most alpha.
func upperProportion(k, n int, alpha float64) float64 {
	if k >= n {
		return 1
	}
	return mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-alpha)
}
