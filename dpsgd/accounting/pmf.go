package accounting

import "math"

// pmf is the discretised privacy loss distribution of one release in one direction: the probability, under the
// upper distribution of the pair, that the loss ln(upper/lower) is (low+i)·h is mass[i]. The losses of the rest,
// infinite, are unbounded. The grid width h belongs to the composition, which has one for all.
type pmf struct {
	low      int
	mass     []float64
	logMass  []float64 // ln mass, kept because tilting needs it at every query
	infinite float64
}

// pmfPair holds a release in both directions: REMOVE has the table with the row as upper distribution, ADD the
// table without it.
type pmfPair struct{ remove, add *pmf }

// newPMF wraps masses. Masses that rounding left negative are zero.
func newPMF(low int, mass []float64, infinite float64) *pmf {
	logs := make([]float64, len(mass))
	for i, p := range mass {
		mass[i] = math.Max(0, p)
		logs[i] = math.Log(mass[i])
	}
	return &pmf{low: low, mass: mass, logMass: logs, infinite: infinite}
}

// reversed returns masses mirrored around loss zero: index i of cell low+i becomes −(low+i).
func reversed(low int, mass []float64) (int, []float64) {
	n := len(mass)
	mirror := make([]float64, n)
	for i, p := range mass {
		mirror[n-1-i] = p
	}
	return -(low + n - 1), mirror
}

// connectDots puts an atom of the given loss and upper probability on the two grid points around it, so that both its
// upper probability p and its lower probability p·e^{−loss} are kept: connect-the-dots (Doroshenko et al. 2022,
// arXiv:2207.04380). The hockey-stick curve of the result lies on or above that of the atom everywhere.
// mass[0] stands at grid point low.
func connectDots(mass []float64, low int, h, loss, p float64) {
	cell := math.Floor(loss / h)
	up := math.Expm1(cell*h-loss) / math.Expm1(-h)
	up = math.Max(0, math.Min(1, up))
	i := int(cell) - low
	mass[i] += p * (1 - up)
	mass[i+1] += p * up
}

// moments are of the loss under the tilted distribution p·e^{θl}/M, M = e^{logMGF} the sum it is divided by.
type moments struct{ logMGF, mean, variance float64 }

// negligible is how far below the largest term, in natural logarithms, a term of a sum of a million is dropped.
const negligible = 40

// momentsAt returns the moments of the finite part at tilt theta, losses in units of h.
func (p *pmf) momentsAt(theta, h float64) moments {
	slope := theta * h
	peak, at := math.Inf(-1), 0
	for i, l := range p.logMass {
		if v := l + slope*float64(i); v > peak {
			peak, at = v, i
		}
	}
	var sum, first, second float64
	for i, l := range p.logMass {
		v := l + slope*float64(i) - peak
		if v < -negligible {
			continue
		}
		w, d := math.Exp(v), float64(i-at)
		sum += w
		first += w * d
		second += w * d * d
	}
	first /= sum
	return moments{
		logMGF:   peak + slope*float64(p.low) + math.Log(sum),
		mean:     (float64(p.low+at) + first) * h,
		variance: math.Max(0, second/sum-first*first) * h * h,
	}
}
