package accounting

import "math"

// rdpOrders are the Rényi orders every RDP figure is minimised over: 1.1…10.9 by 0.1, 11…63, and four powers.
func rdpOrders() []float64 {
	orders := make([]float64, 0, 166)
	for i := 11; i < 110; i++ {
		orders = append(orders, float64(i)/10)
	}
	for i := 11; i < 64; i++ {
		orders = append(orders, float64(i))
	}
	return append(orders, 128, 256, 512, 1024)
}

// rdpCurve is the Rényi divergence of a composition at each of its orders, and the probability that one of its
// releases fails outright (the δ of (ε, δ) events), which no Rényi divergence can hold.
type rdpCurve struct {
	orders     []float64
	divergence []float64
	infinite   float64
}

func newRDPCurve() *rdpCurve {
	orders := rdpOrders()
	return &rdpCurve{orders: orders, divergence: make([]float64, len(orders))}
}

// addEvent composes count releases of the kind of e.
func (c *rdpCurve) addEvent(e Event, count int) {
	for i, alpha := range c.orders {
		c.divergence[i] += float64(count) * e.rdp(alpha)
	}
	c.addFailure(e.Delta, count)
}

// addCurve composes count releases of one whose curve is known.
func (c *rdpCurve) addCurve(one *rdpCurve, count int) {
	for i := range c.divergence {
		c.divergence[i] += float64(count) * one.divergence[i]
	}
	c.addFailure(one.infinite, count)
}

func (c *rdpCurve) addFailure(delta float64, count int) {
	c.infinite = composeFailure(c.infinite, delta, count)
}

func (c *rdpCurve) clone() *rdpCurve {
	copied := *c
	copied.divergence = append([]float64(nil), c.divergence...)
	return &copied
}

// composeFailure returns 1−(1−total)(1−delta)^count without cancellation.
func composeFailure(total, delta float64, count int) float64 {
	if delta == 0 || count == 0 {
		return total
	}
	return -math.Expm1(math.Log1p(-total) + float64(count)*math.Log1p(-delta))
}

// rdp returns the Rényi divergence of order alpha of one release, apart from its Delta.
//
// The discrete Gaussian has the curve of the Gaussian (Canonne, Kamath, Steinke 2020, arXiv:2004.00010, Theorem
// 4). Laplace is Mironov 2017, Table II. A release known only to be ε-DP is dominated by randomised response
// (Kairouz, Oh, Viswanath 2015, arXiv:1311.0776), and the discrete Laplace on a count is exactly that.
func (e Event) rdp(alpha float64) float64 {
	switch e.Mechanism {
	case PoissonGaussian:
		return rdpOfSampledGaussian(e.SampleRate, e.NoiseMultiplier, alpha)
	case Gaussian, DiscreteGaussian:
		return alpha / (2 * e.NoiseMultiplier * e.NoiseMultiplier)
	case Laplace:
		inverse := 1 / e.NoiseMultiplier
		rest := math.Log((alpha - 1) / (2*alpha - 1))
		return logAddExp(math.Log(alpha/(2*alpha-1))+(alpha-1)*inverse, rest-alpha*inverse) / (alpha - 1)
	case DiscreteLaplace:
		return rdpOfRandomisedResponse(1/e.NoiseMultiplier, alpha)
	default:
		return rdpOfRandomisedResponse(e.Epsilon, alpha)
	}
}

// rdpOfRandomisedResponse returns ln[(e^{αε}+e^{(1−α)ε})/(1+e^ε)]/(α−1).
func rdpOfRandomisedResponse(epsilon, alpha float64) float64 {
	top := logAddExp(alpha*epsilon, (1-alpha)*epsilon)
	return math.Max(0, top-softplus(epsilon)) / (alpha - 1)
}

// logAddExp returns ln(e^a + e^b).
func logAddExp(a, b float64) float64 { return math.Max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b))) }

// epsilon converts the curve to ε at delta: the least over the orders of r + ln(1−1/α) − ln(δα)/(α−1), and 0
// where δ² > 1−e^{−r}, since total variation is at most √(1−e^{−r}) (Canonne, Kamath, Steinke 2020,
// Proposition 12; the zero as in Google's dp_accounting). Failures are taken off δ first.
func (c *rdpCurve) epsilon(delta float64) float64 {
	delta = (delta - c.infinite) / (1 - c.infinite)
	if delta <= 0 {
		return math.Inf(1)
	}
	best := math.Inf(1)
	for i, alpha := range c.orders {
		r := c.divergence[i]
		if delta*delta+math.Expm1(-r) > 0 {
			return 0
		}
		best = math.Min(best, r+math.Log1p(-1/alpha)-math.Log(delta*alpha)/(alpha-1))
	}
	return math.Max(0, best)
}

// delta inverts epsilon: the least δ at which epsilon(δ) ≤ epsilon.
func (c *rdpCurve) delta(epsilon float64) float64 {
	least := 0.0
	for i, alpha := range c.orders {
		r := c.divergence[i]
		exponent := (alpha-1)*(r-epsilon+math.Log1p(-1/alpha)) - math.Log(alpha)
		least = math.Min(least, math.Min(exponent, 0.5*math.Log(-math.Expm1(-r))))
	}
	return c.infinite + (1-c.infinite)*math.Exp(least)
}
