package accounting

import "math"

// rdpOfSampledGaussian returns the Rényi divergence of order alpha > 1 of one Poisson-sampled Gaussian step
// with sample rate q in [0, 1] and noise multiplier sigma, the larger of both directions (Mironov, Talwar,
// Zhang 2019, arXiv:1908.10530, Theorem 5). It is log1p(A−1)/(α−1) with
//
//	A−1 = E_{z~N(0,σ²)}[(1+x)^α − 1 − αx],  x = q·expm1((2z−1)/2σ²).
//
// E[x] = 0, so the subtracted line changes nothing but makes the integrand ≥ 0: no cancellation, and the
// trapezoid rule converges faster than any power of its step. Against 30-digit values the relative error is
// below 1e-12. Below σ = 0.05, where the integral needs a million nodes, the upper bound
// A ≤ 1−q+q·e^{α(α−1)/2σ²} (Jensen) is given.
func rdpOfSampledGaussian(q, sigma, alpha float64) float64 {
	switch {
	case q == 0:
		return 0
	case sigma == 0:
		return math.Inf(1)
	case q == 1:
		return alpha / (2 * sigma * sigma)
	case sigma < 0.05:
		return softplus(math.Log(q)+logExpm1(alpha*(alpha-1)/(2*sigma*sigma))) / (alpha - 1)
	}
	return softplus(sampledGaussianExcess(q, sigma, alpha)) / (alpha - 1)
}

// softplus returns ln(1+e^x).
func softplus(x float64) float64 {
	if x > 40 {
		return x
	}
	return math.Log1p(math.Exp(x))
}

// logExpm1 returns ln(e^x − 1) for x > 0.
func logExpm1(x float64) float64 {
	if x > 40 {
		return x
	}
	return math.Log(math.Expm1(x))
}

// nodesPerBlock is the number of trapezoid nodes in a width of min(σ, σ²), over which the logarithm of the
// integrand moves by less than the 60 that decide whether a block matters.
const nodesPerBlock = 12

// sampledGaussianExcess returns ln(A−1). A first pass over half blocks finds the height of the integrand; the second
// sums only the blocks that come within e^-60 of it, which for large orders is one in fifty. A block is judged by
// both its ends and its centre, because the integrand has a zero, at z = ½.
func sampledGaussianExcess(q, sigma, alpha float64) float64 {
	block := math.Min(sigma, sigma*sigma)
	step := block / nodesPerBlock
	low, high := -12*sigma, alpha+12*sigma+1
	if sigma > 1 {
		high += 4 * sigma
	}
	blocks := int(math.Ceil((high - low) / block))
	halves := make([]float64, 2*blocks+1)
	peak := math.Inf(-1)
	for k := range halves {
		halves[k] = logExcess(q, sigma, alpha, low+float64(k)*block/2)
		peak = math.Max(peak, halves[k])
	}
	sum := 0.0
	for b := range blocks {
		if max(halves[2*b], halves[2*b+1], halves[2*b+2]) < peak-60 {
			continue
		}
		for k := range nodesPerBlock {
			z := low + float64(b)*block + float64(k)*step
			sum += math.Exp(logExcess(q, sigma, alpha, z) - peak)
		}
	}
	return peak + math.Log(sum) + math.Log(step/sigma) - 0.5*math.Log(2*math.Pi)
}

// logExcess returns the logarithm of [(1+x)^α − 1 − αx]·e^{−z²/2σ²}. Where |αx| < 1e-4 the bracket is summed
// as its binomial series α(α−1)x²/2·(1 + (α−2)x/3·(1 + (α−3)x/4·…)).
func logExcess(q, sigma, alpha, z float64) float64 {
	u := (2*z - 1) / (2 * sigma * sigma)
	weight := -z * z / (2 * sigma * sigma)
	if u > 600 {
		return alpha*(math.Log(q)+u) + weight
	}
	x := q * math.Expm1(u)
	if math.Abs(alpha*x) < 1e-4 && math.Abs(x) < 1e-4 {
		series := 1 + (alpha-2)*x/3*(1+(alpha-3)*x/4*(1+(alpha-4)*x/5))
		return math.Log(alpha*(alpha-1)/2*x*x*series) + weight
	}
	power := alpha * math.Log1p(x)
	if power > 600 {
		return power + weight
	}
	return math.Log(math.Max(0, math.Expm1(power)-alpha*x)) + weight
}
