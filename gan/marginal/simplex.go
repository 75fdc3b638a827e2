package marginal

import (
	"math"
	"sort"
)

// ProjectToSimplex projects noisy counts onto the simplex of non-negative counts with sum
// total: max(cₖ - τ·noiseₖ², 0) with the one τ that fits, the nearest point in the
// metric of the noise, or, if noise is nil and so the same for all, in L2 (Duchi
// et al. 2008). Cutting at zero alone would give rare modes too much.
func ProjectToSimplex(counts, noise []float64, total float64) []float64 {
	variance := func(k int) float64 {
		if noise == nil {
			return 1
		}
		return noise[k] * noise[k]
	}
	order := make([]int, len(counts)) // by the τ at which a count reaches zero
	for k := range order {
		order[k] = k
	}
	sort.Slice(order, func(a, b int) bool {
		x, y := order[a], order[b]
		return counts[x]*variance(y) > counts[y]*variance(x)
	})
	sum, variances, tau := 0.0, 0.0, 0.0
	for _, k := range order {
		sum += counts[k]
		variances += variance(k)
		if t := (sum - total) / variances; counts[k] > t*variance(k) {
			tau = t
		}
	}
	out := make([]float64, len(counts))
	for k, c := range counts {
		out[k] = math.Max(c-tau*variance(k), 0) / total
	}
	return out
}
