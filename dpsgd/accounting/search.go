package accounting

import (
	"fmt"
	"math"
)

// search returns the largest t in [low, high] whose losses have ε at most epsilon, for losses that grow with t. It
// fails with ErrUnreachable where low already passes. Every t it returns was tested itself, and t+1 was tested to
// pass, unless t = high: rounding and the choice of grid cannot turn a returned t into an overspent one.
//
// Costly losses are first searched on a coarse grid, whose answers are near and whose slope is right; two or three
// evaluations on the fine grid then decide.
func search(low, high int, epsilon, delta float64, at func(t int) (totalLoss, error)) (int, error) {
	exact := func(t int) (float64, error) {
		l, err := at(t)
		if err != nil {
			return 0, err
		}
		return l.epsilon(delta, searchTolerance(epsilon))
	}
	first, err := exact(low)
	if err != nil {
		return 0, err
	}
	if first > epsilon {
		return 0, fmt.Errorf("accounting: %w: epsilon=%.6g at delta=%g is the least possible, target %g", ErrUnreachable, first, delta, epsilon)
	}
	guess, slope, err := coarseSearch(low, high, epsilon, delta, at)
	if err != nil {
		return 0, err
	}
	least := low
	high++ // low fits; high stands for what does not
	for round := 0; high-low > 1; round++ {
		t := min(max(guess, low+1), high-1)
		found, err := exact(t)
		if err != nil {
			return 0, err
		}
		if found <= epsilon {
			low = t
		} else {
			high = t
		}
		guess = low + (high-low)/2
		if step := (epsilon - found) / slope; round < 6 && math.Abs(step) < 1e9 {
			// Where losses fill no cell of the coarse grid its slope is wrong: do not leap to the ends, where grids are wide.
			reach := float64(max(64, (t-least)/64) << (2 * round))
			guess = t + int(math.Floor(math.Max(-reach, math.Min(reach, step))))
		}
	}
	return low, nil
}

// searchTolerance is the error of ε on the way to a target: up to 10 that of an answer, above it grows by ε², or
// the losses would fill so many cells that a search takes minutes. Any grid gives an upper bound.
func searchTolerance(target float64) float64 { return gridTolerance * math.Max(1, target*target/100) }

// coarseSearch finds where ε passes epsilon by bisection on the coarse grid, and its slope there.
func coarseSearch(low, high int, epsilon, delta float64, at func(t int) (totalLoss, error)) (guess int, slope float64, err error) {
	epsilonAt := func(t int) float64 {
		l, e := at(t)
		if e != nil {
			err = e
			return 0
		}
		return l.coarseEpsilon(delta, epsilon)
	}
	least, most := low, high+1
	for most-least > 1 && err == nil {
		middle := least + (most-least)/2
		if epsilonAt(middle) <= epsilon {
			least = middle
		} else {
			most = middle
		}
	}
	width := max(1, (least-low)/100)
	left, right := max(low, least-width), min(high, least+width)
	if left < right {
		slope = (epsilonAt(right) - epsilonAt(left)) / float64(right-left)
	}
	return least, slope, err
}

// coarseEpsilon returns ε on a coarse grid, the wider the larger the ε that is sought, or ε itself where it is cheap.
func (l totalLoss) coarseEpsilon(delta, sought float64) float64 {
	switch {
	case l.curve != nil:
		return l.curve.epsilon(delta)
	case l.composition == nil:
		return gaussianEpsilonOf(l.gaussian, delta)
	}
	c := l.composition
	if c.infinite >= delta {
		return math.Inf(1)
	}
	if c.releaseCount() == 0 {
		return 0
	}
	level := coarsestLevel
	for ; level < 2*coarsestLevel && sought > 16; level++ { // as far as the grid moves ε by a few per cent
		if h := gridWidth(level + 1); float64(c.releaseCount())*h*h > 0.1*sought {
			break
		}
	}
	return c.boundOnGrid(max(level, c.finest()), (delta-c.infinite)/(1-c.infinite), nil).larger()
}
