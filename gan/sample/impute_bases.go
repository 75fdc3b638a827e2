package sample

import (
	"math/rand/v2"

	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// drawnBase is a base that was drawn before the rest of its row, because what
// derives from it is known.
type drawnBase struct {
	row, column int
	code        uint32
}

// drawBases draws, with their distances, the missing bases of row i whose targets
// are known, into cells; r is its place among the rows to fill.
func (p *Imputer) drawBases(bases []drawnBase, columns [][]uint32, r, i int, cells []uint32, posterior *mixture.Posterior, random *rand.Rand) []drawnBase {
	for k := range p.model.differences {
		d := &p.model.differences[k]
		target := columns[d.Target][i]
		if cells[d.Base] != mixture.Unknown || cells[d.Target] != mixture.Unknown || target == p.missing(d.Target) ||
			tabular.DifferenceOf(p.model.differences, d.Base) != nil || !posterior.Fill(cells) {
			continue
		}
		_, a, b, ok := posterior.DrawPair(d.Base, d.Target, p.distances[k].cellPairs(tabular.OneCode(target)), random)
		if !ok {
			continue
		}
		if code, _, ok := p.distances[k].draw(a, b, tabular.OneCode(target), random); ok {
			cells[d.Base], cells[d.Target] = a, b
			bases = append(bases, drawnBase{r, d.Base, code})
		}
	}
	return bases
}

// restore turns the distances drawn for row i, the r-th to be filled, into codes of
// the columns, given the bases known or drawn.
func (p *Imputer) restore(columns [][]uint32, i int, drawn [][]uint32, r int) {
	for k := range p.model.differences {
		d := &p.model.differences[k]
		base := columns[d.Base][i]
		if base == p.missing(d.Base) {
			base = drawn[d.Base][r]
		}
		drawn[d.Target][r] = d.Restore(base, drawn[d.Target][r])
	}
}
