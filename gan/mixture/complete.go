package mixture

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"github.com/dpgan/dpgan/internal/parallel"
)

// Unknown stands for a cell that Complete is to draw.
const Unknown = math.MaxUint32

// Completer fills rows by the mixture. It is immutable and safe for concurrent use.
type Completer struct {
	*Mixture
	evidence [][]float64
	logs     [][]float64 // [Width][N]: ln pᵢₖ
	wanted   [][]float64 // [J][N]: ln Σₖ pᵢₖ eⱼₖ; nil without evidence
}

// leastKnown is the least probability that a known cell counts with, so that no row
// is impossible for the rounding of a cell that every atom makes rare.
const leastKnown = 1e-30

// Completer makes one that draws an unknown cell of column j by pᵢₖ evidence[j][k];
// nil: by pᵢₖ.
func (m *Mixture) Completer(evidence [][]float64) *Completer {
	c := &Completer{Mixture: m, evidence: evidence, logs: make([][]float64, m.width), wanted: make([][]float64, len(m.counts))}
	for k := range c.logs {
		c.logs[k] = make([]float64, m.n)
		for i := range m.n {
			c.logs[k][i] = math.Log(max(float64(m.p[i*m.width+k]), leastKnown))
		}
	}
	for j, e := range evidence {
		if e == nil {
			continue
		}
		c.wanted[j] = make([]float64, m.n)
		for i := range m.n {
			c.wanted[j][i] = math.Log(m.wanted(i, j, e))
		}
	}
	return c
}

// Complete draws the Unknown ones of cells, whole rows one after the other, given
// the known ones: an atom from its posterior,
//
//	ln wᵢ + Σ_known ln pᵢₖ + Σ_unknown ln Σₖ pᵢₖ eⱼₖ,
//
// and the cells from the atom. The same seed gives the same cells.
func (c *Completer) Complete(cells []uint32, seed uint64) error {
	columns := len(c.counts)
	n := len(cells) / columns
	blocks := (n + rowsPerStream - 1) / rowsPerStream
	return parallel.Workers(context.Background(), blocks, func() func(int) error {
		sums := make([]float64, c.n)
		return func(b int) error {
			from := b * rowsPerStream
			random := rand.New(rand.NewPCG(seed, 1+uint64(from)))
			for r := from; r < min(from+rowsPerStream, n); r++ {
				if !c.row(cells[r*columns:(r+1)*columns], sums, random) {
					return fmt.Errorf("mixture: row %d: none of what may be drawn for an unknown cell has a probability above 0", r)
				}
			}
			return nil
		}
	})
}

// row completes one row; sums [N] is scratch. It is false if no atom has a share.
func (c *Completer) row(cells []uint32, sums []float64, random *rand.Rand) bool {
	if !c.posterior(cells, sums) {
		return false
	}
	u := random.Float64() * sums[len(sums)-1]
	atom := sort.Search(len(sums)-1, func(i int) bool { return sums[i] > u })
	for j, k := range cells {
		if k == Unknown {
			cells[j] = c.unknown(atom, j, random)
		}
	}
	return true
}

// negligible is how far below the most probable atom, in nats, one is left out:
// float64 keeps no more digits.
const negligible = 37

// posterior fills sums with running sums of the atoms' posterior, up to a factor.
func (c *Completer) posterior(cells []uint32, sums []float64) bool {
	clear(sums)
	for i, w := range c.weights {
		sums[i] = math.Log(w)
	}
	for j, k := range cells {
		logs := c.wanted[j]
		if k != Unknown {
			logs = c.logs[c.starts[j]+int(k)]
		}
		for i, l := range logs {
			sums[i] += l
		}
	}
	top := math.Inf(-1)
	for _, s := range sums {
		top = max(top, s)
	}
	if math.IsInf(top, -1) {
		return false
	}
	sum := 0.0
	for i, s := range sums {
		if s > top-negligible {
			sum += math.Exp(s - top)
		}
		sums[i] = sum
	}
	return true
}

// unknown draws a cell of column j.
func (c *Completer) unknown(atom, j int, random *rand.Rand) uint32 {
	e := c.evidence[j]
	if e == nil {
		return c.draw(atom, j, random.Float32())
	}
	left := random.Float64() * c.Mixture.wanted(atom, j, e)
	last := 0
	for k, p := range c.cells(atom, j) {
		w := float64(p) * e[k]
		if w == 0 {
			continue
		}
		if last = k; left < w {
			break
		}
		left -= w
	}
	return uint32(last)
}
