package accounting

import "math"

// reach is where tails are cut, in standard deviations: 2·Φ(−10.2) = 2e-24 of probability goes to infinite loss.
const reach = 10.2

// sampledLoss returns ln(P/Q) at outcome x for P = (1−q)N(0,σ²)+qN(1,σ²), Q = N(0,σ²).
func sampledLoss(q, sigma, x float64) float64 {
	u := (2*x - 1) / (2 * sigma * sigma)
	if u > 500 {
		return u + math.Log(q)
	}
	return math.Log1p(q * math.Expm1(u))
}

// sampledOutcome inverts sampledLoss: x = σ²·ln(1+expm1(l)/q) + ½, −∞ where the loss is below ln(1−q).
func sampledOutcome(q, sigma, loss float64) float64 {
	if loss > 500 {
		return sigma*sigma*(loss-math.Log(q)) + 0.5
	}
	ratio := math.Expm1(loss)/q + 1
	if ratio <= 0 {
		return math.Inf(-1)
	}
	return sigma*sigma*math.Log(ratio) + 0.5
}

// sampledGaussianSpan returns the range of its losses that is not cut.
func sampledGaussianSpan(q, sigma float64) (low, high float64) {
	return sampledLoss(q, sigma, -reach*sigma), sampledLoss(q, sigma, 1+reach*sigma)
}

// sampledGaussian discretises one Poisson-sampled Gaussian step, q in (0, 1). Each grid cell is an interval of
// outcomes; its mass is integrated in pieces that are each split between the cell's ends (see connectDots). Working on
// densities instead of differences of δ(ε) keeps every mass to full relative accuracy, which tilting needs.
func sampledGaussian(q, sigma, h float64) pmfPair {
	lowLoss, highLoss := sampledGaussianSpan(q, sigma)
	first, last := int(math.Floor(lowLoss/h)), int(math.Ceil(highLoss/h))
	remove := make([]float64, last-first+1)
	add := make([]float64, last-first+1) // stored at the loss of the other direction, mirrored below
	cell := sampledCell{q: q, sigma: sigma, width: -math.Expm1(-h), three: threePoints(), six: sixPoints()}
	from := -reach * sigma
	for i := first; i < last; i++ {
		to := math.Min(1+reach*sigma, sampledOutcome(q, sigma, float64(i+1)*h))
		if to <= from {
			continue
		}
		m := cell.integrate(from, to, float64(i)*h, float64(i+1)*h)
		remove[i-first] += m.removeLow
		remove[i-first+1] += m.removeHigh
		add[i-first+1] += m.addLow
		add[i-first] += m.addHigh
		from = to
	}
	cut := 2 * normalCDF(-reach)
	addLow, mirrored := reversed(first, add)
	return pmfPair{remove: newPMF(first, remove, cut), add: newPMF(addLow, mirrored, cut)}
}

// sampledCell integrates the densities over one grid cell.
type sampledCell struct {
	q, sigma   float64
	width      float64 // 1−e^{−h}
	three, six gaussLegendre
}

// cellMasses are what one cell gives to its two ends; low and high as losses of the named direction.
type cellMasses struct{ removeLow, removeHigh, addLow, addHigh float64 }

// integrate covers outcomes [from, to], whose REMOVE losses lie in [a, b]. At outcome x with densities p and q,
// REMOVE puts (p − e^a·q)/(1−e^{−h}) on b and the rest of p on a; ADD puts (q − e^{−b}·p)/(1−e^{−h}) on −a and
// the rest of q on −b. Above a loss of 600, where e^a would overflow, all of it goes to the upper end.
func (c *sampledCell) integrate(from, to, a, b float64) cellMasses {
	panel := math.Min(c.sigma, c.sigma*c.sigma) / 8
	rule, pieces := c.six, 1
	if to-from < panel/50 {
		rule = c.three
	} else {
		pieces += int((to - from) / panel)
	}
	half := (to - from) / float64(2*pieces)
	scale := half / (c.sigma * math.Sqrt(2*math.Pi))
	inverse := 1 / (2 * c.sigma * c.sigma)
	expA, expMinusB, huge := math.Exp(a), math.Exp(-b), a > 600
	var m cellMasses
	for k := range pieces {
		centre := from + half*float64(2*k+1)
		for j, node := range rule.nodes {
			x := centre + half*node
			weight := scale * rule.weights[j]
			without := weight * math.Exp(-x*x*inverse)
			with := (1-c.q)*without + c.q*weight*math.Exp(-(x-1)*(x-1)*inverse)
			removeHigh, addHigh := with, without
			if !huge {
				removeHigh = clamp((with-expA*without)/c.width, with)
				addHigh = clamp((without-expMinusB*with)/c.width, without)
			}
			m.removeHigh += removeHigh
			m.removeLow += with - removeHigh
			m.addHigh += addHigh
			m.addLow += without - addHigh
		}
	}
	return m
}

// clamp bounds x to [0, most].
func clamp(x, most float64) float64 { return math.Max(0, math.Min(most, x)) }
