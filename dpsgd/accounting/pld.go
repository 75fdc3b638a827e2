package accounting

import (
	"fmt"
	"math"
)

const (
	// gridTolerance is the error of ε that the grid is chosen for.
	gridTolerance = 5e-6
	// coarsestLevel is the first grid tried, 3.2e-3 wide; it costs a thirtieth of the finest.
	coarsestLevel = 5
	maxTilt       = 1e5
	// minPLDDelta is where the tails cut from every release begin to show in long compositions.
	minPLDDelta = 1e-15
)

// gaussianOnly returns μ where all events together are one Gaussian release of noise multiplier 1/μ, whose δ(ε)
// is known in closed form. No events are μ = 0.
func gaussianOnly(events []Event) (mu float64, ok bool) {
	precision := 0.0
	for _, e := range events {
		if e.Mechanism != Gaussian && !(e.Mechanism == PoissonGaussian && e.SampleRate == 1) {
			return 0, false
		}
		precision += float64(e.Count) / (e.NoiseMultiplier * e.NoiseMultiplier)
	}
	return math.Sqrt(precision), true
}

// bound is ε in both directions on one grid, and the tilts at which they were read, where later queries start.
type bound struct {
	epsilon [2]float64 // remove, add
	theta   [2]float64
}

func (b bound) larger() float64 { return b.epsilon[b.largerDirection()] }

func (b bound) largerDirection() int {
	if b.epsilon[1] > b.epsilon[0] {
		return 1
	}
	return 0
}

// epsilon returns the least ε the composition satisfies at delta, the larger of both directions, from above, on a
// grid whose error is about tolerance.
//
// A coarse grid gives the tilt θ, and with it the grid whose error (θ+1)·T·h²/12 is below tolerance: splitting
// a loss over a cell adds h²/6 of variance on average, and variance v moves ε by v/2 for each unit of θ+1. Answers
// never rise on a finer grid, so the formula is checked by the grid above: if they are further apart than
// tolerance, as where losses fill no cell, the grid is halved until they are not, or the finest is reached.
// Releases of which none has a density go to the finest at once, since neighbouring grids can round the same way.
func (c *composition) epsilon(delta, tolerance float64) (float64, error) {
	if delta < minPLDDelta {
		return 0, fmt.Errorf("accounting: delta=%v: the pld accountant answers down to %g; use rdp", delta, minPLDDelta)
	}
	if c.infinite >= delta {
		return math.Inf(1), nil
	}
	target := (delta - c.infinite) / (1 - c.infinite)
	releases := float64(c.releaseCount())
	if releases == 0 {
		return 0, nil
	}
	finest := c.finest()
	if c.atoms() {
		return roundUp(c.boundOnGrid(finest, target, nil).larger(), releases), nil
	}
	above := max(coarsestLevel, finest)
	found := c.boundOnGrid(above, target, nil)
	level := above
	tolerance = math.Max(tolerance, gridTolerance*found.larger()*found.larger()/1e4) // above only beyond ε = 100: 5e-7 of ε = 1000
	for level > finest && (found.theta[found.largerDirection()]+1)*releases*gridWidth(level)*gridWidth(level)/12 > tolerance {
		level--
	}
	if level > finest && level+1 < above {
		found, above = c.boundOnGrid(level+1, target, &found), level+1
	}
	for level = min(level, above-1); level >= finest; level-- {
		before := found.larger()
		found = c.boundOnGrid(level, target, &found)
		if before-found.larger() <= tolerance {
			break
		}
	}
	return roundUp(found.larger(), releases), nil
}

// roundUp covers the rounding of grid losses and of the last digits: a few units in the last place of ε and of
// every release.
func roundUp(epsilon, releases float64) float64 {
	if epsilon == 0 {
		return 0
	}
	return epsilon*(1+1e-12) + releases*roundOff
}

// boundOnGrid bounds ε in both directions on one grid. An upper bound from a coarser grid spares the direction that
// it shows to be the smaller one.
func (c *composition) boundOnGrid(level int, delta float64, coarser *bound) bound {
	if coarser == nil {
		var a bound
		for side := range a.epsilon {
			a.epsilon[side], a.theta[side] = c.directionEpsilon(level, side == 1, delta, -1)
		}
		return a
	}
	a := *coarser
	first := coarser.largerDirection()
	a.epsilon[first], a.theta[first] = c.directionEpsilon(level, first == 1, delta, coarser.epsilon[first])
	if other := 1 - first; coarser.epsilon[other] > a.epsilon[first] {
		a.epsilon[other], a.theta[other] = c.directionEpsilon(level, other == 1, delta, coarser.epsilon[other])
	}
	return a
}

// directionEpsilon returns ε of one direction and the tilt it was read at. guess, if not negative, is an upper bound
// of ε from a coarser grid.
//
// Every tilt gives a valid answer. Best is the one whose mean loss is ε, since it makes the slack there least. From
// a guess it is near; without one, the search starts at the saddle point of the Chernoff bound,
// θK'(θ) − K(θ) = ln 1/δ. That lies beyond the answer, far beyond where rare releases have heavy losses; the
// answer is then much due to slack, and serves as the next guess for as long as it falls.
func (c *composition) directionEpsilon(level int, add bool, delta, guess float64) (epsilon, theta float64) {
	g := c.onGrid(level, add)
	var tilt float64
	if guess >= 0 {
		tilt = g.coarse.tiltToMean(guess)
	} else {
		cost := math.Log(1 / delta)
		tilt = g.findTilt(func(theta float64, at moments) float64 { return theta*at.mean - at.logMGF - cost })
	}
	epsilon = math.Inf(1)
	for {
		composed, ok := g.compose(tilt)
		if !ok && g.coarse != g {
			g.coarse = g // losses that fill no coarse cell mislead a search there
			tilt = g.tiltToMean(math.Min(epsilon, math.Max(0, guess)))
			continue
		}
		if !ok {
			return c.directionEpsilon(level+1, add, delta, guess)
		}
		found, slack := composed.epsilon(delta)
		improved := found < epsilon-gridTolerance/1000
		if found < epsilon {
			epsilon, theta = math.Max(0, found), tilt
		}
		if slack <= gridTolerance/10 || !improved || tilt == 0 {
			return epsilon, theta
		}
		tilt = g.tiltToMean(epsilon)
	}
}

// findTilt returns the θ in [0, maxTilt] where excess, which grows with θ, is zero, to within 2 %: any nearby
// tilt serves as well. 0 is returned where excess is positive from the start.
func (g *gridComposition) findTilt(excess func(theta float64, at moments) float64) float64 {
	const low, high = 1e-3, maxTilt
	if excess(low, g.momentsAt(low)) >= 0 {
		return 0
	}
	_, theta := findRoot(low, high, 1.02, func(theta float64) float64 { return excess(theta, g.momentsAt(theta)) })
	return theta
}

// tiltToMean returns the tilt at which the mean loss is loss.
func (g *gridComposition) tiltToMean(loss float64) float64 {
	return g.findTilt(func(_ float64, at moments) float64 { return at.mean - loss })
}

// delta returns the least δ the composition satisfies at epsilon, the larger of both directions, on the finest
// grid. The tilt is the one whose mean loss is epsilon.
func (c *composition) delta(epsilon float64) float64 {
	finite := 0.0
	if c.releaseCount() > 0 && !math.IsInf(epsilon, 1) {
		for _, add := range []bool{false, true} {
			finite = math.Max(finite, c.directionDelta(c.finest(), add, epsilon))
		}
	}
	return c.infinite + (1-c.infinite)*finite
}

func (c *composition) directionDelta(level int, add bool, epsilon float64) float64 {
	for ; ; level++ {
		g := c.onGrid(level, add)
		if composed, ok := g.compose(g.tiltToMean(epsilon)); ok {
			return composed.delta(epsilon)
		}
	}
}
