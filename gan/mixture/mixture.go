package mixture

import (
	"fmt"
	"math"
)

// Mixture holds the atoms. It is immutable and safe for concurrent use.
type Mixture struct {
	counts []int // cells of each column
	starts []int // first cell of each column in a row
	width  int
	n      int
	p      []float32 // [n, width]: probability of each cell
	sums   []float32 // [n, width]: running sums of p within each column
	// weights [n] of the atoms have mean one; nil: all are one.
	weights []float64
}

// New makes a mixture of p [N, Σ counts], row-major, which is kept. Within each
// column of counts[j] cells, a row of p must be non-negative and sum to one.
func New(p []float32, counts []int) (*Mixture, error) {
	m := &Mixture{counts: counts, p: p}
	for j, count := range counts {
		if count < 1 {
			return nil, fmt.Errorf("mixture: column %d has %d cells: must have at least one", j, count)
		}
		m.starts = append(m.starts, m.width)
		m.width += count
	}
	if m.width == 0 || len(p) == 0 || len(p)%m.width != 0 {
		return nil, fmt.Errorf("mixture: %d probabilities for rows of %d cells", len(p), m.width)
	}
	m.n = len(p) / m.width
	m.sums = make([]float32, len(p))
	for i := range m.n {
		for j := range counts {
			if err := m.accumulate(i, j); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

func (m *Mixture) accumulate(i, j int) error {
	from := i*m.width + m.starts[j]
	sum := 0.0
	for k := from; k < from+m.counts[j]; k++ {
		if !(m.p[k] >= 0) {
			return fmt.Errorf("mixture: atom %d, column %d: probability %v", i, j, m.p[k])
		}
		sum += float64(m.p[k])
		m.sums[k] = float32(sum)
	}
	if math.Abs(sum-1) > 1e-3 {
		return fmt.Errorf("mixture: atom %d, column %d: probabilities sum to %v, not to 1", i, j, sum)
	}
	return nil
}

// Atoms is N.
func (m *Mixture) Atoms() int { return m.n }

// Columns is the number of columns.
func (m *Mixture) Columns() int { return len(m.counts) }

// Cells is the number of cells of column j.
func (m *Mixture) Cells(j int) int { return m.counts[j] }

// Width is the number of cells in all.
func (m *Mixture) Width() int { return m.width }

// draw is the cell of column j that u in [0, 1) falls on in atom i.
func (m *Mixture) draw(i, j int, u float32) uint32 {
	from := i*m.width + m.starts[j]
	sums := m.sums[from : from+m.counts[j]]
	return find(sums, u*sums[len(sums)-1])
}

// find is the first index whose running sum exceeds u, or the last with a share.
func find(sums []float32, u float32) uint32 {
	lo, hi := 0, len(sums)-1
	for lo < hi {
		mid := (lo + hi) / 2
		if sums[mid] > u {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return uint32(lo)
}

// Shares is how often each cell of column j occurs in the mixture.
func (m *Mixture) Shares(j int) []float64 {
	out := make([]float64, m.counts[j])
	for i := range m.n {
		for k := range out {
			out[k] += m.weight(i) * float64(m.p[i*m.width+m.starts[j]+k]) / float64(m.n)
		}
	}
	return out
}

func (m *Mixture) weight(i int) float64 {
	if m.weights == nil {
		return 1
	}
	return m.weights[i]
}
