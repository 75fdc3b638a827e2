package accounting

import "math"

// density discretises a loss with a smooth density on [low, high], panels no wider than panel. The pair must be
// symmetric, so that both directions have the same distribution.
func density(low, high, panel, h, infinite float64, at func(loss float64) float64) pmfPair {
	first, last := int(math.Floor(low/h)), int(math.Ceil(high/h))
	mass := make([]float64, last-first+2)
	rule := sixPoints()
	for i := first; i < last; i++ {
		from, to := math.Max(low, float64(i)*h), math.Min(high, float64(i+1)*h)
		pieces := 1 + int((to-from)/panel)
		half := (to - from) / float64(2*pieces)
		for k := range pieces {
			centre := from + half*float64(2*k+1)
			for j, node := range rule.nodes {
				loss := centre + half*node
				up := clamp(math.Expm1(float64(i)*h-loss)/math.Expm1(-h), 1)
				p := half * rule.weights[j] * at(loss)
				mass[i-first] += p * (1 - up)
				mass[i-first+1] += p * up
			}
		}
	}
	both := newPMF(first, mass, infinite)
	return pmfPair{remove: both, add: both}
}

// unsampledGaussian discretises the Gaussian mechanism with noise multiplier 1/mu: its loss is N(μ²/2, μ²).
func unsampledGaussian(mu, h float64) pmfPair {
	mean := mu * mu / 2
	scale := 1 / (mu * math.Sqrt(2*math.Pi))
	return density(mean-reach*mu, mean+reach*mu, mu/8, h, 2*normalCDF(-reach), func(loss float64) float64 {
		z := (loss - mean) / mu
		return scale * math.Exp(-z*z/2)
	})
}

// laplace discretises Laplace noise of scale b over sensitivity 1: loss 1/b with probability ½, −1/b with
// probability e^{−1/b}/2, and density ¼·e^{(l−1/b)/2} between.
func laplace(scale, h float64) pmfPair {
	most := 1 / scale
	between := density(-most, most, 0.25, h, 0, func(loss float64) float64 { return math.Exp((loss-most)/2) / 4 })
	mass := between.remove.mass
	connectDots(mass, between.remove.low, h, most, 0.5)
	connectDots(mass, between.remove.low, h, -most, 0.5*math.Exp(-most))
	both := newPMF(between.remove.low, mass, 0)
	return pmfPair{remove: both, add: both}
}

// randomisedResponse discretises the pair that dominates every ε-DP release: loss ±ε, +ε with probability
// e^ε/(1+e^ε).
func randomisedResponse(epsilon, h float64) pmfPair {
	low := int(math.Floor(-epsilon / h))
	mass := make([]float64, int(math.Floor(epsilon/h))-low+2)
	connectDots(mass, low, h, epsilon, math.Exp(-softplus(-epsilon)))
	connectDots(mass, low, h, -epsilon, math.Exp(-softplus(epsilon)))
	both := newPMF(low, mass, 0)
	return pmfPair{remove: both, add: both}
}

// discreteGaussian discretises the exact mass function P(x) ∝ e^{−x²/2σ²} on the integers, shifted by the
// sensitivity 1: at x the loss is (1−2x)/2σ². The continuous Gaussian of the same σ is not an upper bound of it
// at every ε, so no use is made of it; the sum over 20.4·σ atoms is cheap.
func discreteGaussian(sigma, h float64) pmfPair {
	inverse := 1 / (2 * sigma * sigma)
	furthest := int(math.Ceil(reach*sigma)) + 1
	total := 1.0
	for x := 1; x <= furthest; x++ {
		total += 2 * math.Exp(-float64(x)*float64(x)*inverse)
	}
	most := (1 + 2*float64(furthest)) * inverse
	low := int(math.Floor(-most / h))
	mass := make([]float64, int(math.Floor(most/h))-low+2)
	for x := -furthest; x <= furthest; x++ {
		connectDots(mass, low, h, (1-2*float64(x))*inverse, math.Exp(-float64(x)*float64(x)*inverse)/total)
	}
	both := newPMF(low, mass, 2*normalCDF(-reach))
	return pmfPair{remove: both, add: both}
}
