package accounting

import "math"

// normalCDF returns Φ(x), the standard normal distribution function, to about 1e-16 relative in both tails.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// logNormalCDF returns ln Φ(x). Below x = −30, where Φ nears the smallest float, it uses the asymptotic series of
// Mills' ratio, whose first dropped term is 945/x¹⁰ < 2e-12.
func logNormalCDF(x float64) float64 {
	if x > -30 {
		return math.Log(normalCDF(x))
	}
	y := 1 / (x * x)
	return -0.5*x*x - math.Log(-x) - 0.5*math.Log(2*math.Pi) + math.Log1p(-y*(1-3*y*(1-5*y*(1-7*y))))
}

// gaussianDelta returns δ(ε) of the Gaussian mechanism with noise multiplier 1/mu, exactly:
// δ = Φ(μ/2 − ε/μ) − e^ε·Φ(−μ/2 − ε/μ) (Balle, Wang 2018, arXiv:1805.06530, Theorem 8).
func gaussianDelta(mu, epsilon float64) float64 {
	upper := normalCDF(mu/2 - epsilon/mu)
	return math.Max(0, upper-math.Exp(epsilon+logNormalCDF(-mu/2-epsilon/mu)))
}

// gaussianEpsilon inverts gaussianDelta by bisection to adjacent floats, and returns the upper one.
func gaussianEpsilon(mu, delta float64) float64 {
	if gaussianDelta(mu, 0) <= delta {
		return 0
	}
	low, high := 0.0, 1.0
	for gaussianDelta(mu, high) > delta {
		low, high = high, 2*high
	}
	for {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			return high
		}
		if gaussianDelta(mu, middle) > delta {
			low = middle
		} else {
			high = middle
		}
	}
}
