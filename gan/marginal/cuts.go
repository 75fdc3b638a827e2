package marginal

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// cutsWeight is how much more of the budget a fine table gets than a 1-way table,
// since it also tells the shape within an interval.
const cutsWeight = 2

// planCuts chooses the numbers that have too many bins for a cell each, and takes
// from the 1-way tables' share what their fine tables need.
func (s *Plan) planCuts(codec *tabular.Codec, rows float64) {
	cuts, oneWay := s.of(Cuts), s.of(OneWay)
	for _, j := range s.Measured {
		if !codec.Listed(j) && len(codec.FineEdges(j))-1 > s.Intervals {
			s.Cut = append(s.Cut, j)
		}
	}
	s.Spiky = slices.DeleteFunc(s.Spiky, func(j int) bool { return !slices.Contains(s.Cut, j) })
	if cuts.Count = len(s.Cut) + len(s.Spiky); cuts.Count == 0 {
		return
	}
	weight := cutsWeight * float64(cuts.Count)
	cuts.Share = oneWay.Share * weight / (weight + float64(oneWay.Count))
	oneWay.Share -= cuts.Share
	noise := s.whole * math.Sqrt(float64(cuts.Count)/cuts.Share)
	s.Bins = max(leastBins, int(rows/(clearBins*noise)))
}

// cutNumbers is the first round: it enters the numbers that were cut in columns,
// and returns the counts of their cells, nil for the other columns.
func cutNumbers(gate *dpsgd.Gate, codec *tabular.Codec, s *Plan, columns []Binning) ([][]float64, error) {
	masses := make([][]float64, len(columns))
	if s.of(Cuts).Count == 0 {
		return masses, nil
	}
	var cells []dpsgd.Cells
	for _, j := range s.Cut {
		cells = append(cells, dpsgd.EachBin(coarsen(codec, j, s.Bins)))
	}
	for _, j := range s.Spiky {
		cells = append(cells, eachCode(codec.Size(j)))
	}
	noise := s.of(Cuts).Noise
	tables, err := gate.Histograms(slices.Concat(s.Cut, s.Spiky), cells, *s.of(Cuts))
	if err != nil {
		return nil, err
	}
	for k, j := range s.Cut {
		var found []spike
		if at := slices.Index(s.Spiky, j); at >= 0 {
			found = findSpikes(cells[k].Edges, tables[len(s.Cut)+at], noise)
		}
		columns[j], masses[j] = cutColumn(codec, j, newHistogram(cells[k].Edges, tables[k], noise), found, noise, s.Intervals)
	}
	return masses, nil
}

// eachCode makes every code a cell of its own.
func eachCode(size uint32) dpsgd.Cells {
	edges := make([]uint32, size+1)
	for code := range edges {
		edges[code] = uint32(code)
	}
	return dpsgd.EachBin(edges)
}
