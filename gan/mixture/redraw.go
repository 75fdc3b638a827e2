package mixture

import (
	"math/rand/v2"
	"sort"
)

// Posterior is how probable each atom is given the known cells of a row,
// wᵢ Π_known pᵢ up to a factor, as running sums. It may be filled again for
// another row; it is not safe for concurrent use.
type Posterior struct {
	of   *Completer
	sums []float64
}

// NewPosterior makes one for the rows of c, to be filled.
func (c *Completer) NewPosterior() *Posterior { return &Posterior{c, make([]float64, c.n)} }

// Fill makes p that of one row's cells, [J], but the Unknown ones. It is false if
// no atom gives the known ones a probability above 0.
func (p *Posterior) Fill(cells []uint32) bool { return p.of.posterior(cells, p.sums) }

// Draw draws an atom.
func (p *Posterior) Draw(random *rand.Rand) int {
	u := random.Float64() * p.sums[len(p.sums)-1]
	return sort.Search(len(p.sums)-1, func(i int) bool { return p.sums[i] > u })
}

// Cell draws a cell of column j from an atom.
func (p *Posterior) Cell(atom, j int, random *rand.Rand) uint32 {
	return p.of.draw(atom, j, random.Float32())
}

// Cells is the probability of each cell of column j, Σᵢ p'ᵢ pᵢₖ.
func (p *Posterior) Cells(j int) []float64 {
	out := make([]float64, p.of.counts[j])
	before := 0.0
	for i, sum := range p.sums {
		w := (sum - before) / p.sums[len(p.sums)-1]
		before = sum
		for k, q := range p.of.cells(i, j) {
			out[k] += w * float64(q)
		}
	}
	return out
}
