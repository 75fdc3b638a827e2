package marginal

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Binning is how the marginal stage sees a column: cut into cells whose joint
// frequencies are measured, each a few bins of the paid 1-way table.
type Binning struct {
	dpsgd.Cells
	// Within [bins] is the share of each bin in its cell.
	Within []float64 `json:"within"`
	// Shares [Count] is the share of rows in each cell, Noise the standard deviation
	// of the count that it was made of.
	Shares []float64 `json:"shares"`
	Noise  []float64 `json:"noise"`
}

// cellSigmas is how many standard deviations the count of an interval must reach:
// fewer than for a mode of the encoder, since the tables of pairs measure each
// cell many times over.
const cellSigmas = 2

// hiddenSigmas is how many standard deviations a category's noisy count must
// reach to get a cell of its own. Those below share one: their joint frequencies
// with others would be noise alone.
const hiddenSigmas = 2

// cutColumn cuts column j by its noisy counts h: a number into at most limit
// intervals of about equal mass and its spikes, whose counts have noise of standard
// deviation sigma as those of h do, a list into its values, the rare ones
// together. Intervals hold whole bins of h: nothing is known of a part. It returns
// the counts of the cells, which want weighing.
func cutColumn(codec *tabular.Codec, j int, h *histogram, found []spike, sigma float64, limit int) (Binning, []float64) {
	bins := h.edges
	h = h.isolate(found, sigma)
	encoding, _ := codec.Encoding(j, bins, h.without(found, bins), cellSigmas/tabular.ResolvedSigmas*sigma, limit)
	h = h.refine(codec.FineEdges(j))
	c := Binning{Cells: dpsgd.Cells{Edges: h.edges, Index: make([]uint32, len(h.counts))}}
	if encoding.Conditional {
		c.gatherRare(h.counts, sigma)
	} else {
		c.number(encoding.Edges, found)
	}
	return c, c.estimateDensity(h, !encoding.Conditional)
}

// number numbers the intervals [edges[k], edges[k+1]) that hold more than spikes, and
// then the spikes.
func (c *Binning) number(edges []uint32, found []spike) {
	span, spikes, intervals := device.Span{Edges: edges}, map[uint32]int{}, map[int]uint32{}
	for k, s := range found {
		spikes[s.code] = k
	}
	for b, lo := range c.Edges[:len(c.Index)] {
		if _, ok := spikes[lo]; ok {
			continue
		}
		k := span.Mode(lo)
		if _, known := intervals[k]; !known {
			intervals[k] = uint32(len(intervals))
		}
		c.Index[b] = intervals[k]
	}
	for b, lo := range c.Edges[:len(c.Index)] {
		if k, ok := spikes[lo]; ok {
			c.Index[b] = uint32(len(intervals) + k)
		}
	}
	c.Count = len(intervals) + len(spikes)
}

// gatherRare numbers the categories, those hidden by the noise as the last cell.
func (c *Binning) gatherRare(counts []float64, sigma float64) {
	rare := 0
	for _, n := range counts {
		if n < hiddenSigmas*sigma {
			rare++
		}
	}
	if rare < 2 || rare == len(counts) {
		rare = 0
	}
	kept := len(counts)
	if rare > 0 {
		kept = len(counts) - rare
	}
	next := 0
	for b, n := range counts {
		if rare > 0 && n < hiddenSigmas*sigma {
			c.Index[b] = uint32(kept)
			continue
		}
		c.Index[b] = uint32(next)
		next++
	}
	c.Count = next
	if rare > 0 {
		c.Count++
	}
}

// Check reports cells that do not suit a column of size codes.
func (c *Binning) Check(size uint32) error {
	if err := c.Validate(size); err != nil {
		return err
	}
	if len(c.Within) != len(c.Index) || len(c.Shares) != c.Count || len(c.Noise) != c.Count {
		return errors.New("gan: cells and shares of different lengths")
	}
	sums := make([]float64, c.Count)
	for b, share := range c.Within {
		if !(share >= 0) {
			return fmt.Errorf("gan: bin %d has a share of %v: must not be negative", b, share)
		}
		sums[c.Index[b]] += share
	}
	for cell, sum := range sums {
		if math.Abs(sum-1) > 1e-6 || !(c.Shares[cell] >= 0) {
			return fmt.Errorf("gan: cell %d has bins of %v together and a share of %v: must be 1 and not negative", cell, sum, c.Shares[cell])
		}
	}
	return nil
}

// Layout places the cells of all columns side by side: codes are cells.
func Layout(columns []Binning) *device.Layout {
	l := &device.Layout{}
	for j := range columns {
		span := device.Span{Column: j, Start: l.Width, Edges: make([]uint32, columns[j].Count+1)}
		for k := range span.Edges {
			span.Edges[k] = uint32(k)
		}
		l.Width += columns[j].Count
		l.Spans = append(l.Spans, span)
	}
	return l
}

// Cell is the cell that holds code.
func (c *Binning) Cell(code uint32) uint32 {
	b, exact := slices.BinarySearch(c.Edges, code)
	if !exact {
		b--
	}
	return c.Index[b]
}
