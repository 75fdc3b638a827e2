package accounting

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"
)

const (
	// outside is the tilted probability that a composition may lose beyond the ends of its FFT window.
	outside = 1e-11
	// maxWindow bounds the FFT length; a composition that needs more takes a wider grid.
	maxWindow = 1 << 22
	roundOff  = 0x1p-52
)

// power is a release in one direction, made count times.
type power struct {
	one   *pmf
	count int
}

// tilted is a composition in one direction under the measure p·e^{θl}/M. Tilting moves the tail that decides δ
// to the middle of the array, where the absolute round-off of the FFT is small against it; without it δ below
// 1e-9 is lost in noise. The probability of loss (low+i)·h is mass[i]·e^{logMGF−θ(low+i)h}.
type tilted struct {
	h, theta, logMGF float64
	low              int
	mass             []float64
	infinite         float64
	slack            float64 // tilted probability unaccounted for: window, wrap-around, round-off
}

// gridComposition is a set of releases on one grid, and the same on a coarse one, where tilts and exponents are
// searched for. Any that the search may find give valid bounds on the fine grid.
type gridComposition struct {
	h      float64
	powers []power
	coarse *gridComposition
}

func (g *gridComposition) momentsAt(theta float64) moments {
	return tiltedMoments(g.powers, theta, g.h)
}

// tiltedMoments returns the moments of the whole composition at tilt theta.
func tiltedMoments(powers []power, theta, h float64) moments {
	var total moments
	for _, p := range powers {
		m := p.one.momentsAt(theta, h)
		total.logMGF += float64(p.count) * m.logMGF
		total.mean += float64(p.count) * m.mean
		total.variance += float64(p.count) * m.variance
	}
	return total
}

// window returns grid bounds and the tilted probability, at most outside, that the composed loss leaves them: a
// Chernoff bound on each side, or the whole support, which it never leaves.
func (g *gridComposition) window(theta float64, at moments) (low, high int, lost float64) {
	bottom, top := 0.0, 0.0
	for _, p := range g.powers {
		bottom += float64(p.count) * float64(p.one.low)
		top += float64(p.count) * float64(p.one.low+len(p.one.mass)-1)
	}
	least := math.Max(bottom, -math.Ceil(g.chernoff(theta, at, -1)/g.h))
	most := math.Min(top, math.Ceil(g.chernoff(theta, at, 1)/g.h))
	if least > bottom || most < top {
		lost = outside
	}
	return int(least), int(math.Max(least, most)), lost
}

// chernoff returns x with Pr[side·loss > x] ≤ outside/2 under the measure tilted by theta: the least over s > 0 of
// (K(θ + side·s) − K(θ) + ln(2/outside))/s.
func (g *gridComposition) chernoff(theta float64, at moments, side float64) float64 {
	cost := math.Log(2 / outside)
	logMGF := g.coarse.momentsAt(theta).logMGF
	low, high := findRoot(1e-3, maxTilt, 1.1, func(s float64) float64 {
		m := g.coarse.momentsAt(theta + side*s)
		return s*side*m.mean - (m.logMGF - logMGF) - cost
	})
	s := math.Sqrt(low * high)
	return (g.momentsAt(theta+side*s).logMGF - at.logMGF + cost) / s
}

// findRoot narrows [low, high] around the zero of the growing function f until high ≤ ratio·low.
func findRoot(low, high, ratio float64, f func(x float64) float64) (float64, float64) {
	for high > ratio*low {
		middle := math.Sqrt(low * high)
		if f(middle) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return low, high
}

// compose convolves the releases at tilt theta. ok is false where the window exceeds maxWindow.
func (g *gridComposition) compose(theta float64) (composed tilted, ok bool) {
	h, at := g.h, g.momentsAt(theta)
	low, high, lost := g.window(theta, at)
	length := high - low + 1
	n := 2
	for n < length {
		n *= 2
	}
	if n > maxWindow {
		return tilted{}, false
	}
	transform := fourier.NewFFT(n)
	spectrum := make([]complex128, n/2+1)
	logs := make([]complex128, n/2+1) // ln of the product of the spectra: magnitude and phase
	sequence := make([]float64, n)
	offset, releases, infinite := 0, 0, 0.0
	for _, p := range g.powers {
		centre := p.one.foldTilted(sequence, theta, h)
		transform.Coefficients(spectrum, sequence)
		accumulateLog(logs, spectrum, float64(p.count))
		offset += p.count * centre
		releases += p.count
		infinite = composeFailure(infinite, p.one.infinite, p.count)
	}
	exponentiate(spectrum, logs)
	transform.Sequence(sequence, spectrum)
	mass := make([]float64, length)
	norm := 0.0
	for i := range mass {
		v := math.Max(0, sequence[modulo(low+i-offset, n)]/float64(n))
		mass[i] = v
		norm += v * v
	}
	noise := roundOff * 8 * (float64(releases) + math.Log2(float64(n))) * math.Sqrt(norm)
	spread := math.Min(math.Sqrt(float64(length)), 1/math.Sqrt(-math.Expm1(-2*theta*h)))
	return tilted{
		h: h, theta: theta, logMGF: at.logMGF, low: low, mass: mass, infinite: infinite,
		slack: lost + noise*spread,
	}, true
}

// foldTilted writes the tilted masses, shifted so that their mean is near index 0, into the circular sequence,
// and returns the shift. A small mean keeps the phases of the spectrum small, which raising to a power of
// thousands multiplies.
func (p *pmf) foldTilted(sequence []float64, theta, h float64) (centre int) {
	at := p.momentsAt(theta, h)
	centre = int(math.Round(at.mean / h))
	clear(sequence)
	n := len(sequence)
	start := modulo(p.low-centre, n)
	base := theta*h*float64(p.low) - at.logMGF
	for i, l := range p.logMass {
		if v := l + theta*h*float64(i) + base; v > -700 {
			sequence[(start+i)%n] += math.Exp(v)
		}
	}
	return centre
}

func modulo(i, n int) int { return ((i % n) + n) % n }

// accumulateLog adds count·ln(spectrum) to logs. Frequencies whose power vanishes in float64 become −∞.
func accumulateLog(logs, spectrum []complex128, count float64) {
	for k, x := range spectrum {
		if math.IsInf(real(logs[k]), -1) {
			continue
		}
		square := real(x)*real(x) + imag(x)*imag(x)
		magnitude := real(logs[k]) + count*0.5*math.Log(square)
		if square == 0 || magnitude < -100 {
			logs[k] = complex(math.Inf(-1), 0)
			continue
		}
		logs[k] = complex(magnitude, imag(logs[k])+count*cmplx.Phase(x))
	}
}

// exponentiate sets spectrum to e^logs.
func exponentiate(spectrum, logs []complex128) {
	for k, l := range logs {
		if math.IsInf(real(l), -1) {
			spectrum[k] = 0
			continue
		}
		sin, cos := math.Sincos(imag(l))
		size := math.Exp(real(l))
		spectrum[k] = complex(size*cos, size*sin)
	}
}

// epsilon returns the least ε with δ(ε) ≤ delta, and how much of it is due to the slack. It walks the losses downwards
// with D = Σ p·e^{l−loss} over the losses above l, by which δ grows (1−e^{−h})·D a step, and solves
// δ − (e^{ε−l}−1)·D = delta inside the cell where delta is passed. The slack adds slack·e^{logMGF−θε} to δ,
// since any mass x of the tilted measure above ε is at most x·e^{logMGF−θε} of the original.
// If δ stays below delta down to the lower end of the window, all of that end is due to the window.
func (t *tilted) epsilon(delta float64) (epsilon, slack float64) {
	growth := -math.Expm1(-t.h)
	discount := math.Exp(-t.h)
	above, discounted := 0.0, 0.0
	for i := len(t.mass) - 1; i >= 0; i-- {
		loss := float64(t.low+i) * t.h
		scale := math.Exp(t.logMGF - t.theta*loss)
		target := delta - t.infinite - t.slack*scale
		if above > target {
			// The crossing lies in [loss, loss+h]; slack is taken at its lower end, where it is largest.
			if target <= 0 || discounted == 0 {
				return loss + t.h, loss + t.h
			}
			return loss + math.Min(t.h, math.Log1p((above-target)/discounted)), t.slack * scale / discounted
		}
		if loss < 0 {
			return 0, 0
		}
		here := t.mass[i] * scale
		above += growth * (discounted + here)
		discounted = discount * (discounted + here)
	}
	return float64(t.low) * t.h, float64(t.low) * t.h
}

// delta returns an upper bound of δ(epsilon).
func (t *tilted) delta(epsilon float64) float64 {
	total := t.infinite + t.slack*math.Exp(t.logMGF-t.theta*epsilon)
	for i := len(t.mass) - 1; i >= 0; i-- {
		loss := float64(t.low+i) * t.h
		if loss <= epsilon {
			break
		}
		total += -math.Expm1(epsilon-loss) * t.mass[i] * math.Exp(t.logMGF-t.theta*loss)
	}
	return math.Min(1, total)
}
