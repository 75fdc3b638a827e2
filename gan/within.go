package gan

import "math"

// share estimates the shares of cells and, within each, of its bins. Bins are
// drawn towards what is expected of them by as much as noise may explain their
// differences (James, Stein 1961): in a cell whose differences stand out by its
// own measure, in all others by that of the column, since one cell alone has few
// bins. Expected of a number is a density that runs from cell to cell in straight
// lines, of a list of values that all are alike.
func (c *Column) share(counts []float64, sigma, total float64, number bool) {
	masses := make([]float64, c.Count)
	bins := make([][]int, c.Count)
	for b, n := range counts {
		masses[c.Index[b]] += n
		bins[c.Index[b]] = append(bins[c.Index[b]], b)
	}
	c.Shares = shares(masses, total)
	expected := make([]float64, len(counts))
	for cell, list := range bins {
		for _, b := range list {
			expected[b] = masses[cell] / float64(len(list))
		}
	}
	if number {
		straighten(expected, bins)
	}
	c.Within = make([]float64, len(counts))
	var rest spread
	spreads := make([]spread, c.Count)
	for cell, list := range bins {
		spreads[cell] = spreadOf(list, counts, expected)
		if !spreads[cell].standsOut(sigma) {
			rest.square += spreads[cell].square
			rest.freedom += spreads[cell].freedom
		}
	}
	for cell, list := range bins {
		keep := rest.keep(sigma)
		if spreads[cell].standsOut(sigma) {
			keep = spreads[cell].keep(sigma)
		}
		mass := math.Max(c.Shares[cell]*total, 1)
		drawn := make([]float64, len(list))
		for i, b := range list {
			drawn[i] = expected[b] + keep*(counts[b]-expected[b])
		}
		for i, s := range shares(drawn, mass) {
			c.Within[list[i]] = s
		}
	}
}

// steepest is the most that the densities of two neighbouring cells may differ by
// for the one to tell of the slope in the other: spikes do not.
const steepest = 3

// straighten bends the even densities of cells, which hold runs of bins, towards
// those of their neighbours; a cell keeps its sum.
func straighten(density []float64, bins [][]int) {
	even := append([]float64(nil), density...)
	centre := make([]float64, len(density)) // of the cell that a bin is in
	for _, list := range bins {
		for _, b := range list {
			centre[b] = float64(list[0]+list[len(list)-1]) / 2
		}
	}
	for _, list := range bins {
		first, last := list[0], list[len(list)-1]
		if last-first+1 != len(list) || len(list) == 1 {
			continue // a spike lies within
		}
		before, after := 0.0, 0.0
		for _, b := range list {
			before += density[b]
			neighbour := first - 1
			if float64(b) > centre[b] {
				neighbour = last + 1
			}
			if neighbour >= 0 && neighbour < len(even) && similar(even[b], even[neighbour]) {
				way := (float64(b) - centre[b]) / (centre[neighbour] - centre[b])
				density[b] = even[b] + way*(even[neighbour]-even[b])
			}
			after += density[b]
		}
		for _, b := range list {
			density[b] = math.Max(density[b], 0) * before / math.Max(after, 1e-300)
		}
	}
}

func similar(a, b float64) bool { return a > 0 && b > 0 && a < steepest*b && b < steepest*a }

// spread is the sum of squares of counts about what is expected, and its freedom.
type spread struct{ square, freedom float64 }

func spreadOf(bins []int, counts, expected []float64) spread {
	s := spread{freedom: float64(len(bins) - 1)}
	for _, b := range bins {
		s.square += (counts[b] - expected[b]) * (counts[b] - expected[b])
	}
	return s
}

// standsOut reports whether noise alone would spread the counts less in all but
// one of 2,000 cells (Wilson, Hilferty 1931).
func (s spread) standsOut(sigma float64) bool {
	if s.freedom == 0 {
		return false
	}
	a := 2 / (9 * s.freedom)
	bar := s.freedom * math.Pow(1-a+3.29*math.Sqrt(a), 3)
	return s.square > bar*sigma*sigma
}

// keep is the share of the differences that is not noise.
func (s spread) keep(sigma float64) float64 {
	if s.square <= 0 {
		return 0
	}
	return math.Max(0, 1-s.freedom*sigma*sigma/s.square)
}
