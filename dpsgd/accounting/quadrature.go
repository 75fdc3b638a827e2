package accounting

// gaussLegendre is a rule on [−1, 1], exact for polynomials of degree 2n−1.
type gaussLegendre struct{ nodes, weights []float64 }

// The two rules used: with panels of min(σ, σ²)/8 the six-point rule integrates a Gaussian density times a loss
// to 1e-15 of its mass out to ten standard deviations; the three-point rule does so on panels fifty times
// narrower, which most cells of a fine grid are.
func sixPoints() gaussLegendre {
	return gaussLegendre{
		nodes: []float64{-0.9324695142031521, -0.6612093864662645, -0.2386191860831969,
			0.2386191860831969, 0.6612093864662645, 0.9324695142031521},
		weights: []float64{0.1713244923791704, 0.3607615730481386, 0.4679139345726910,
			0.4679139345726910, 0.3607615730481386, 0.1713244923791704},
	}
}

func threePoints() gaussLegendre {
	return gaussLegendre{
		nodes:   []float64{-0.7745966692414834, 0, 0.7745966692414834},
		weights: []float64{5.0 / 9, 8.0 / 9, 5.0 / 9},
	}
}
