package tabular

import (
	"math"
	"slices"
)

// Encoding cuts the codes of a column into modes: mode k holds the codes
// [Edges[k], Edges[k+1]).
type Encoding struct {
	Edges       []uint32 `json:"edges"`       // K+1 ascending codes, from 0 to Size
	Offset      bool     `json:"offset"`      // some mode is wider than one code
	Conditional bool     `json:"conditional"` // listed values: fit for conditions
}

// ResolvedSigmas is how far above its noise Encoding wants a mode: at 5σ a mode that
// is empty in truth is kept with a probability of 3e-7.
const ResolvedSigmas = 5

// Encoding merges neighbouring bins of the histogram of column j into modes of
// about equal mass, at most maxModes (at least 1) of them between the spikes,
// each at least 5·sigma·√bins above zero where merging can reach that. Spikes,
// missing and listed values stay modes of their own and do not count. The
// second result holds the counts of the modes.
//
// counts has one noisy count per bin [edges[b], edges[b+1]), with noise of standard
// deviation sigma each; they may be negative, and NaN counts as 0. The bins are
// those of FineEdges(j), or runs of them between which spikes and missing stay
// alone. Encoding is post-processing and costs no privacy. It panics if counts and
// edges do not match.
func (c *Codec) Encoding(j int, edges []uint32, counts []float64, sigma float64, maxModes int) (Encoding, []float64) {
	col := &c.columns[j]
	if len(counts) != len(edges)-1 {
		panic("tabular: Encoding: want one count per bin of edges")
	}
	modes := make([]mode, len(counts))
	for b, count := range counts {
		if math.IsNaN(count) {
			count = 0
		}
		lo, hi := edges[b], edges[b+1]
		_, spike := slices.BinarySearch(col.spikes, lo)
		modes[b] = mode{lo: lo, hi: hi, count: count, bins: 1, alone: spike || lo >= col.values}
	}
	_, listed := col.coder.(*levels)
	if !listed {
		modes = raiseAboveNoise(modes, sigma)
		modes = mergeLightest(modes, max(1, maxModes))
	}
	out := Encoding{Edges: make([]uint32, 1, len(modes)+1), Conditional: listed}
	masses := make([]float64, len(modes))
	for k, m := range modes {
		out.Edges = append(out.Edges, m.hi)
		out.Offset = out.Offset || m.hi-m.lo > 1
		masses[k] = m.count
	}
	return out, masses
}

// mode is a run of bins.
type mode struct {
	lo, hi uint32
	count  float64
	bins   int
	alone  bool // never merged
}

// raiseAboveNoise merges the mode that is weakest against its noise with its
// lighter neighbour until all modes that have a neighbour are strong enough.
func raiseAboveNoise(modes []mode, sigma float64) []mode {
	for {
		weakest, margin := -1, 0.0
		for k, m := range modes {
			short := m.count - ResolvedSigmas*sigma*math.Sqrt(float64(m.bins))
			if short < margin && lighterNeighbour(modes, k) >= 0 {
				weakest, margin = k, short
			}
		}
		if weakest < 0 {
			return modes
		}
		modes = join(modes, min(weakest, lighterNeighbour(modes, weakest)))
	}
}

// lighterNeighbour is where mode k may merge, or -1.
func lighterNeighbour(modes []mode, k int) int {
	best := -1
	for _, n := range [2]int{k - 1, k + 1} {
		if modes[k].alone || n < 0 || n >= len(modes) || modes[n].alone {
			continue
		}
		if best < 0 || modes[n].count < modes[best].count {
			best = n
		}
	}
	return best
}

// mergeLightest joins the pair of neighbours with the least mass until limit
// modes are left, or none may be joined.
func mergeLightest(modes []mode, limit int) []mode {
	for {
		mergeable := 0
		pair, least := -1, math.Inf(1)
		for k := range modes {
			if modes[k].alone {
				continue
			}
			mergeable++
			if k+1 < len(modes) && !modes[k+1].alone && modes[k].count+modes[k+1].count < least {
				pair, least = k, modes[k].count+modes[k+1].count
			}
		}
		if mergeable <= limit || pair < 0 {
			return modes
		}
		modes = join(modes, pair)
	}
}

// join merges the modes k and k+1 in place.
func join(modes []mode, k int) []mode {
	modes[k].hi = modes[k+1].hi
	modes[k].count += modes[k+1].count
	modes[k].bins += modes[k+1].bins
	return slices.Delete(modes, k+1, k+2)
}
