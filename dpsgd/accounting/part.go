package accounting

import "math"

// The grids of the PLD accountant are 1e-4·2^level wide. Grids of different levels are nested, so that a wider
// one always gives the larger ε.
const (
	finestWidth = 1e-4
	// maxCells bounds the table of one release, and with it memory and time of a query.
	maxCells = 1 << 21
)

func gridWidth(level int) float64 { return math.Ldexp(finestWidth, level) }

// part is one kind of release within a composition, with its discretisations by grid level.
type part struct {
	count     int
	low, high float64 // range of the finite losses
	atoms     bool    // single losses carry probability
	build     func(h float64) directed
	levels    map[int]directed
}

// at returns the discretisation on the grid of the given level, built once.
func (p *part) at(level int) directed {
	d, ok := p.levels[level]
	if !ok {
		d = p.build(gridWidth(level))
		p.levels[level] = d
	}
	return d
}

// finestLevel is the least level whose table is within maxCells.
func (p *part) finestLevel() int {
	level := 0
	for p.high-p.low > gridWidth(level)*maxCells {
		level++
	}
	return level
}

func newPart(count int, low, high float64, build func(h float64) directed) *part {
	return &part{count: count, low: low, high: high, build: build, levels: map[int]directed{}}
}

// newAtoms is newPart for losses in [−most, most] that carry probability one by one.
func newAtoms(count int, most float64, build func(h float64) directed) *part {
	p := newPart(count, -most, most, build)
	p.atoms = true
	return p
}

// newParts groups events into parts. Unsampled Gaussians merge into the one of variance 1/Σ count/σ², which is
// exact. Equal events merge by count. The second result is the composed probability of outright failure.
func newParts(events []Event) (parts []*part, infinite float64) {
	precision := 0.0
	merged := map[Event]*part{}
	for _, e := range events {
		infinite = composeFailure(infinite, e.Delta, e.Count)
		if e.Mechanism == Gaussian || e.Mechanism == PoissonGaussian && e.SampleRate == 1 {
			precision += float64(e.Count) / (e.NoiseMultiplier * e.NoiseMultiplier)
			continue
		}
		kind := Event{Mechanism: e.Mechanism, NoiseMultiplier: e.NoiseMultiplier, SampleRate: e.SampleRate, Epsilon: e.Epsilon}
		if p, ok := merged[kind]; ok {
			p.count += e.Count
			continue
		}
		if p := partOf(e); p != nil {
			merged[kind] = p
			parts = append(parts, p)
		}
	}
	if precision > 0 {
		parts = append(parts, gaussianPart(math.Sqrt(precision)))
	}
	return parts, infinite
}

// gaussianPart is one Gaussian release of noise multiplier 1/mu.
func gaussianPart(mu float64) *part {
	mean := mu * mu / 2
	return newPart(1, mean-reach*mu, mean+reach*mu, func(h float64) directed { return unsampledGaussian(mu, h) })
}

// partOf returns the part of one event that is not an unsampled Gaussian, nil where no loss is finite and
// non-zero. Delta is left to the caller.
func partOf(e Event) *part {
	sigma, inverse := e.NoiseMultiplier, 1/e.NoiseMultiplier
	switch e.Mechanism {
	case PoissonGaussian:
		low, high := sampledGaussianSpan(e.SampleRate, sigma)
		return newPart(e.Count, low, high, func(h float64) directed { return sampledGaussian(e.SampleRate, sigma, h) })
	case DiscreteGaussian:
		most := (reach + 2) * inverse * (1 + inverse)
		return newAtoms(e.Count, most, func(h float64) directed { return discreteGaussian(sigma, h) })
	case Laplace:
		return newAtoms(e.Count, inverse, func(h float64) directed { return laplace(sigma, h) })
	case DiscreteLaplace:
		return newAtoms(e.Count, inverse, func(h float64) directed { return randomisedResponse(inverse, h) })
	default:
		if e.Epsilon == 0 {
			return nil
		}
		return newAtoms(e.Count, e.Epsilon, func(h float64) directed { return randomisedResponse(e.Epsilon, h) })
	}
}
