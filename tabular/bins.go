package tabular

import "math"

// maxFineBins bounds the bins of a histogram, those of spikes and missing
// aside: noise is per bin, so finer bins only add noise.
const maxFineBins = 256

// fineEdges cuts the code grid into the bins of the public histogram.
func (c *learnedColumn) fineEdges(d *Column) []uint32 {
	var edges []uint32
	if _, listed := c.coder.(*levels); listed || c.values <= maxFineBins {
		edges = make([]uint32, c.values+1)
		for k := range edges {
			edges[k] = uint32(k)
		}
	} else {
		// A spike splits the bin around it, so it takes the place of one.
		bins := max(1, maxFineBins-len(c.spikes))
		edges = spacedEdges(c.values, bins, c.spacing(d))
		edges = isolate(edges, c.spikes)
	}
	if c.nullable {
		edges = append(edges, c.values+1)
	}
	return edges
}

// spacing maps a code to the line on which bins are even.
func (c *learnedColumn) spacing(d *Column) func(code float64) float64 {
	g, ok := c.coder.(*grid)
	if !ok || d.Scale != Log {
		return func(code float64) float64 { return code }
	}
	lo := float64(g.lo)
	if g.lo == 0 {
		return math.Log1p
	}
	return func(code float64) float64 { return math.Log1p(code / lo) }
}

// spacedEdges cuts [0, codes) into bins that are even under the ascending,
// concave map at, as far as whole codes allow; bins <= codes.
func spacedEdges(codes uint32, bins int, at func(float64) float64) []uint32 {
	edges := make([]uint32, bins+1)
	edges[bins] = codes
	total := at(float64(codes))
	for b := 1; b < bins; b++ {
		// The least code with at(code) >= b/bins of the total.
		lo, hi := uint32(0), codes
		for lo < hi {
			mid := lo + (hi-lo)/2
			if at(float64(mid))*float64(bins) >= total*float64(b) {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		edges[b] = min(max(lo, edges[b-1]+1), codes-uint32(bins-b))
	}
	return edges
}

// isolate gives each of the ascending codes a bin of its own.
func isolate(edges, codes []uint32) []uint32 {
	out := make([]uint32, 0, len(edges)+2*len(codes))
	for _, edge := range edges {
		for len(codes) > 0 && codes[0] < edge {
			for _, e := range [2]uint32{codes[0], codes[0] + 1} {
				if len(out) == 0 || out[len(out)-1] < e {
					out = append(out, e)
				}
			}
			codes = codes[1:]
		}
		if len(out) == 0 || out[len(out)-1] < edge {
			out = append(out, edge)
		}
	}
	return out
}
