package learn

import "slices"

// histogram sums the slopes of a leaf's rows by bin of one feature.
type histogram []slope

func (h histogram) count(bins []uint8, rows []int32, near []slope) {
	clear(h)
	for k, i := range rows {
		b := &h[bins[i]]
		b.g += near[k].g
		b.h += near[k].h
	}
}

func (h histogram) subtract(other histogram) {
	for b := range h {
		h[b].g -= other[b].g
		h[b].h -= other[b].h
	}
}

// split sends some bins of a feature left, the others right.
type split struct {
	feature int
	gain    float64
	goes    bitset
	left    slope
}

// Categories need more care than numbers, for their order is learned from the
// same rows; the numbers are LightGBM's.
const (
	leastGain     = 1e-6
	singleLevels  = 4    // up to so many, one against the others
	levelRidge    = 10.0 // added to leafRidge when several levels go together
	levelSmooth   = 10.0 // added to the weight of a level when they are ordered
	leastLevel    = .5   // hessian below which a level is not ordered but goes right
	maxLevelsLeft = 32
)

// bestSplit finds where the loss falls most,
// G_l²/(H_l+λ) + G_r²/(H_r+λ) − G²/(H+λ) (Chen, Guestrin 2016, eq. 7, times 2).
func bestSplit(b *binner, h histogram, sum slope) split {
	if b.levels > 0 {
		return bestLevels(h, sum, b.levels)
	}
	return bestCut(h, sum)
}

// score is what a leaf is worth.
func score(s slope, ridge float64) float64 { return s.g * s.g / (s.h + ridge) }

// gain of sending left apart; −1 if a side is too light.
func gain(left, sum slope, ridge float64) float64 {
	right := slope{sum.g - left.g, sum.h - left.h}
	if left.h < minHessian || right.h < minHessian {
		return -1
	}
	return score(left, ridge) + score(right, ridge) - score(sum, leafRidge)
}

// bestCut sends low values left, and missing ones to the better side.
func bestCut(h histogram, sum slope) split {
	last := len(h) - 1
	missing := h[last]
	best, cut, missingLeft := split{gain: leastGain}, -1, false
	var below slope
	for b := range last {
		below.g += h[b].g
		below.h += h[b].h
		if v := gain(below, sum, leafRidge); v > best.gain {
			best.gain, best.left, cut, missingLeft = v, below, b, false
		}
		if missing.h > 0 {
			with := slope{below.g + missing.g, below.h + missing.h}
			if v := gain(with, sum, leafRidge); v > best.gain {
				best.gain, best.left, cut, missingLeft = v, with, b, true
			}
		}
	}
	if cut < 0 {
		return split{}
	}
	for b := range cut + 1 {
		best.goes.add(uint8(b))
	}
	if missingLeft {
		best.goes.add(uint8(last))
	}
	return best
}

// bestLevels orders the levels by their mean slope and cuts that order: for one
// tree step the best two groups lie side by side in it (Fisher 1958).
func bestLevels(h histogram, sum slope, levels int) split {
	var order []int
	for b := range h {
		if h[b].h > leastLevel {
			order = append(order, b)
		}
	}
	best := split{gain: leastGain}
	found := false
	take := func(left slope, bins []int, ridge float64) {
		if v := gain(left, sum, ridge); v > best.gain {
			best = split{gain: v, left: left}
			for _, b := range bins {
				best.goes.add(uint8(b))
			}
			found = true
		}
	}
	if levels <= singleLevels {
		for k, b := range order {
			take(h[b], order[k:k+1], leafRidge)
		}
	} else {
		mean := func(b int) float64 { return h[b].g / (h[b].h + levelSmooth) }
		slices.SortStableFunc(order, func(x, y int) int {
			if mean(x) < mean(y) {
				return -1
			}
			if mean(x) > mean(y) {
				return 1
			}
			return 0
		})
		for range 2 {
			var left slope
			for k, b := range order[:min(len(order), maxLevelsLeft)] {
				left.g += h[b].g
				left.h += h[b].h
				take(left, order[:k+1], leafRidge+levelRidge)
			}
			slices.Reverse(order)
		}
	}
	if !found {
		return split{}
	}
	return best
}
