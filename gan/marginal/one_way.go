package marginal

import (
	"math"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Single columns are measured in two rounds. The first counts numbers over fine
// bins, and the second all columns over the cells that were cut by the first: a
// cell of a dozen bins would have their noise together, and is known better by a
// count of its own.

// measureOneWay pays for both rounds and returns the columns, cut and weighed.
func measureOneWay(gate *dpsgd.Gate, domain *tabular.Domain, s *Plan) ([]Binning, error) {
	codec := domain.Measured()
	columns := make([]Binning, len(codec.Learned()))
	for j := range columns {
		columns[j] = derivedBinning(codec.Size(j), s.of(OneWay).Noise)
	}
	masses, err := cutNumbers(gate, codec, s, columns)
	if err != nil {
		return nil, err
	}
	cells := make([]dpsgd.Cells, len(s.Measured))
	for k, j := range s.Measured {
		if masses[j] != nil {
			cells[k] = columns[j].Cells
			continue
		}
		cells[k] = dpsgd.EachBin(codec.FineEdges(j))
	}
	noise, total := s.of(OneWay).Noise, float64(gate.RowCount())
	tables, err := gate.Histograms(s.Measured, cells, *s.of(OneWay))
	if err != nil {
		return nil, err
	}
	public := publicMarginals(domain.Rules)
	for k, j := range s.Measured {
		c := &columns[j]
		if masses[j] != nil {
			c.combine(masses[j], tables[k], noise)
			if public[j] != nil {
				c.blendPublic(masses[j], total, public[j])
			}
		} else {
			counts := tables[k]
			if public[j] != nil {
				counts = withPublic(counts, cells[k].Edges, noise, total, public[j])
			}
			*c, masses[j] = cutColumn(codec, j, newHistogram(cells[k].Edges, counts, noise), nil, noise, s.Intervals)
		}
		c.setShares(masses[j], total)
	}
	return columns, nil
}

// combine weighs masses, the counts of the cells with the noise c.Noise, and counts,
// another measurement of them, by the inverse of their variances, in place.
func (c *Binning) combine(masses, counts []float64, noise float64) {
	for cell, n := range counts {
		ours, theirs := 1/(c.Noise[cell]*c.Noise[cell]), 1/(noise*noise)
		masses[cell] = (ours*masses[cell] + theirs*n) / (ours + theirs)
		c.Noise[cell] = 1 / math.Sqrt(ours+theirs)
	}
}

// blendPublic moves masses, and the shares of bins within cells, towards the public shares m.
func (c *Binning) blendPublic(masses []float64, total float64, m *tabular.Marginal) {
	counts, variance := make([]float64, len(c.Index)), 0.0
	for b, cell := range c.Index {
		counts[b] = c.Within[b] * masses[cell]
	}
	for _, sigma := range c.Noise {
		variance += sigma * sigma
	}
	counts = withPublic(counts, c.Edges, math.Sqrt(variance/float64(len(counts))), total, m)
	clear(masses)
	above := make([]float64, len(masses)) // of the bins that have any
	for b, n := range counts {
		masses[c.Index[b]] += n
		above[c.Index[b]] += math.Max(n, 0)
	}
	for b, n := range counts {
		if whole := above[c.Index[b]]; whole > 0 {
			c.Within[b] = math.Max(n, 0) / whole
		}
	}
}
