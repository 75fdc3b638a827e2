package marginal

import (
	"math"
	"slices"
)

// histogram is a noisy 1-way table: counts[b] of the codes [edges[b], edges[b+1])
// has noise of the given variance.
type histogram struct {
	edges            []uint32
	counts, variance []float64
}

// newHistogram is a table as released, with noise of standard deviation sigma on
// each count.
func newHistogram(edges []uint32, counts []float64, sigma float64) *histogram {
	return &histogram{edges, counts, slices.Repeat([]float64{sigma * sigma}, len(counts))}
}

// add appends a bin that begins where the last one ends.
func (h *histogram) add(hi uint32, count, variance float64) {
	h.edges, h.counts, h.variance = append(h.edges, hi), append(h.counts, count), append(h.variance, variance)
}

// isolate gives each spike, whose count has noise of standard deviation sigma, a
// bin of its own. What is left of a bin, if that is above zero, is spread evenly
// over its parts.
func (h *histogram) isolate(found []spike, sigma float64) *histogram {
	out := &histogram{edges: []uint32{0}}
	for b, n := range h.counts {
		lo, hi := h.edges[b], h.edges[b+1]
		rest, variance, codes := n, h.variance[b], float64(hi-lo)
		var here []spike
		for len(found) > 0 && found[0].code < hi {
			here = append(here, found[0])
			rest, variance, codes = rest-found[0].count, variance+sigma*sigma, codes-1
			found = found[1:]
		}
		if len(here) > 0 {
			rest = math.Max(rest, 0)
		}
		part := func(to uint32) {
			if from := out.edges[len(out.edges)-1]; to > from {
				share := float64(to-from) / math.Max(codes, 1)
				out.add(to, rest*share, variance*share)
			}
		}
		for _, s := range here {
			part(s.code)
			out.add(s.code+1, s.count, sigma*sigma)
		}
		part(hi)
	}
	return out
}

// without are the counts over edges less the spikes, which have bins of their own.
func (h *histogram) without(found []spike, edges []uint32) []float64 {
	out := make([]float64, len(edges)-1)
	bin := 0
	for b, n := range h.counts {
		for edges[bin+1] <= h.edges[b] {
			bin++
		}
		if len(found) > 0 && found[0].code == h.edges[b] {
			found = found[1:]
			continue
		}
		out[bin] += n
	}
	return out
}

// refine cuts the bins at the edges fine too. The parts of a bin share its count, and
// its variance, by how many fine bins they are: those are even on the column's
// scale. So the noise of a whole bin comes out right; that its parts are even is
// only a guess.
func (h *histogram) refine(fine []uint32) *histogram {
	out, at := &histogram{edges: []uint32{0}}, 0
	for b, n := range h.counts {
		lo, hi := h.edges[b], h.edges[b+1]
		for fine[at+1] <= lo {
			at++
		}
		var to []uint32
		var widths []float64
		whole := 0.0
		for k, from := at, lo; from < hi; k++ {
			end := min(fine[k+1], hi)
			width := float64(end-from) / float64(fine[k+1]-fine[k])
			to, widths, whole, from = append(to, end), append(widths, width), whole+width, end
		}
		for k, end := range to {
			out.add(end, n*widths[k]/whole, h.variance[b]*widths[k]/whole)
		}
	}
	return out
}
