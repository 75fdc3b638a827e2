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

// release is one kind of release within a composition, with its discretisations by grid level.
type release struct {
	count     int
	low, high float64 // range of the finite losses
	atoms     bool    // single losses carry probability
	build     func(h float64) pmfPair
	levels    map[int]pmfPair
}

// onGrid returns the discretisation on the grid of the given level, built once.
func (p *release) onGrid(level int) pmfPair {
	d, ok := p.levels[level]
	if !ok {
		d = p.build(gridWidth(level))
		p.levels[level] = d
	}
	return d
}

// finestLevel is the least level whose table is within maxCells.
func (p *release) finestLevel() int {
	level := 0
	for p.high-p.low > gridWidth(level)*maxCells {
		level++
	}
	return level
}

func newRelease(count int, low, high float64, build func(h float64) pmfPair) *release {
	return &release{count: count, low: low, high: high, build: build, levels: map[int]pmfPair{}}
}

// newAtomicRelease is newRelease for losses in [−most, most] that carry probability one by one.
func newAtomicRelease(count int, most float64, build func(h float64) pmfPair) *release {
	p := newRelease(count, -most, most, build)
	p.atoms = true
	return p
}

// groupReleases groups events into releases. Unsampled Gaussians merge into the one of variance 1/Σ count/σ², which is
// exact. Equal events merge by count. The second result is the composed probability of outright failure.
func groupReleases(events []Event) (releases []*release, infinite float64) {
	precision := 0.0
	merged := map[Event]*release{}
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
		if p := releaseOf(e); p != nil {
			merged[kind] = p
			releases = append(releases, p)
		}
	}
	if precision > 0 {
		releases = append(releases, gaussianRelease(math.Sqrt(precision)))
	}
	return releases, infinite
}

// gaussianRelease is one Gaussian release of noise multiplier 1/mu.
func gaussianRelease(mu float64) *release {
	mean := mu * mu / 2
	return newRelease(1, mean-reach*mu, mean+reach*mu, func(h float64) pmfPair { return unsampledGaussian(mu, h) })
}

// releaseOf returns the release of one event that is not an unsampled Gaussian, nil where no loss is finite and
// non-zero. Delta is left to the caller.
func releaseOf(e Event) *release {
	sigma, inverse := e.NoiseMultiplier, 1/e.NoiseMultiplier
	switch e.Mechanism {
	case PoissonGaussian:
		low, high := sampledGaussianSpan(e.SampleRate, sigma)
		return newRelease(e.Count, low, high, func(h float64) pmfPair { return sampledGaussian(e.SampleRate, sigma, h) })
	case DiscreteGaussian:
		most := (reach + 2) * inverse * (1 + inverse)
		return newAtomicRelease(e.Count, most, func(h float64) pmfPair { return discreteGaussian(sigma, h) })
	case Laplace:
		return newAtomicRelease(e.Count, inverse, func(h float64) pmfPair { return laplace(sigma, h) })
	case DiscreteLaplace:
		return newAtomicRelease(e.Count, inverse, func(h float64) pmfPair { return randomisedResponse(inverse, h) })
	default:
		if e.Epsilon == 0 {
			return nil
		}
		return newAtomicRelease(e.Count, e.Epsilon, func(h float64) pmfPair { return randomisedResponse(e.Epsilon, h) })
	}
}
