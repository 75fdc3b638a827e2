package marginal

import "math"

// setShares sets the shares of the cells from their noisy counts.
func (c *Binning) setShares(masses []float64, total float64) {
	c.Shares = ProjectToSimplex(masses, c.Noise, total)
}

// estimateDensity estimates the shares of bins in their cells (see halving), and returns
// the counts of the cells, whose noise it enters. Expected of the bins of a number
// is a density that runs from cell to cell in straight lines, of a list of values
// that all are alike.
func (c *Binning) estimateDensity(h *histogram, number bool) []float64 {
	masses, variances := make([]float64, c.Count), make([]float64, c.Count)
	bins := make([][]int, c.Count)
	for b, n := range h.counts {
		cell := c.Index[b]
		masses[cell] += n
		variances[cell] += h.variance[b]
		bins[cell] = append(bins[cell], b)
	}
	c.Noise = make([]float64, c.Count)
	expected := make([]float64, len(h.counts))
	for cell, list := range bins {
		c.Noise[cell] = math.Sqrt(variances[cell])
		least := c.Noise[cell] / math.Sqrt(float64(len(list))) // noise may bring a mass below zero
		for _, b := range list {
			expected[b] = math.Max(masses[cell], least) / float64(len(list))
		}
	}
	if number {
		interpolate(expected, bins)
	}
	c.Within = make([]float64, len(h.counts))
	for _, list := range bins {
		d := haarShrinkage{histogram: h, expected: expected, out: c.Within}
		d.split(list, 1)
	}
	return masses
}

// haarShrinkage shares out the mass of a cell to its bins by halves: the difference of
// the halves' counts, less the one expected, is kept as far as it exceeds what
// noise may explain, as in the shrinkage of Haar wavelets (Donoho, Johnstone
// 1994). So one bin that stands out keeps its share, and all others are smooth.
type haarShrinkage struct {
	*histogram
	expected, out []float64
}

// noiseThreshold is the difference, in standard deviations, that is put down to noise.
// Its square goes off the square of what is found, so more than half of pure noise
// goes too; more would flatten the tail in the outermost cell of a number.
const noiseThreshold = 0.7

func (d *haarShrinkage) split(bins []int, mass float64) {
	if len(bins) == 1 {
		d.out[bins[0]] = mass
		return
	}
	left, right := bins[:len(bins)/2], bins[len(bins)/2:]
	count := sumOf(d.counts, bins)
	even := sumOf(d.expected, left) / sumOf(d.expected, bins)
	share := even
	if count > 0 {
		found := sumOf(d.counts, left) - even*count
		noise := noiseThreshold * math.Sqrt(even*even*sumOf(d.variance, right)+(1-even)*(1-even)*sumOf(d.variance, left))
		share += found * math.Max(0, 1-noise*noise/math.Max(found*found, 1e-300)) / count
		share = math.Max(0, math.Min(1, share))
	}
	d.split(left, mass*share)
	d.split(right, mass*(1-share))
}

func sumOf(values []float64, bins []int) float64 {
	sum := 0.0
	for _, b := range bins {
		sum += values[b]
	}
	return sum
}

// maxDensityRatio is the most that the densities of two neighbouring cells may differ by
// for the one to tell of the slope in the other: spikes do not.
const maxDensityRatio = 3

// interpolate bends the even densities of cells, which hold runs of bins, towards
// those of their neighbours; a cell keeps its sum.
func interpolate(density []float64, bins [][]int) {
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

func similar(a, b float64) bool {
	return a > 0 && b > 0 && a < maxDensityRatio*b && b < maxDensityRatio*a
}
