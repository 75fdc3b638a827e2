package sample

import (
	"math/rand/v2"

	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// sample draws n rows, refined as how says; done rows were drawn before.
func (o *generator) sample(c *conditional, how string, n, done int, seed uint64) ([][]uint32, error) {
	var balanced []uint32
	if c.balance != nil {
		balanced = c.balance.codes(n, done, seed)
	}
	if len(c.rejected) > 0 {
		return o.sampleByRejection(c, n, balanced, seed)
	}
	return o.draw(c, how, n, balanced, seed), nil
}

// draw draws n rows, with the codes of balanced, if any, in the balanced column.
func (o *generator) draw(c *conditional, how string, n int, balanced []uint32, seed uint64) [][]uint32 {
	if balanced == nil {
		return o.decode(c, refined(c.Mixture, how, n, seed), seed)
	}
	j, cells, codes := c.balance.via, make([]uint32, n), c.balance.viaCodes(balanced, seed)
	for i, code := range codes {
		cells[i] = o.columns[j].Cell(code)
	}
	rows := c.SampleWith(j, cells, seed)
	if how == RefineMoments {
		c.Refine(rows, c.FromAtomsKeeping(rows, j), seed, refineRounds(len(o.columns)))
	}
	columns := o.decode(c, rows, seed)
	copy(columns[j], codes)
	copy(columns[c.balance.column], balanced)
	return columns
}

// decode makes codes of cells, of the columns as they are declared.
func (o *generator) decode(c *conditional, rows *mixture.Rows, seed uint64) [][]uint32 {
	columns := decode(c.decoders, rows, seed)
	if c.pair != nil {
		c.decodePair(rows, columns, seed)
	}
	tabular.RestoreDifferences(o.differences, columns)
	return columns
}

// decodePair draws anew the codes of base and distance that miss the condition on
// both, out of the same cells.
func (c *conditional) decodePair(rows *mixture.Rows, columns [][]uint32, seed uint64) {
	random, width := rand.New(rand.NewPCG(seed, 0x9a17)), len(columns)
	base, distance := columns[c.pair.Base], columns[c.pair.Target]
	for i := range base {
		if c.pairPredicate.codes.Has(c.pair.Restore(base[i], distance[i])) {
			continue
		}
		a, b := rows.Cells[i*width+c.pair.Base], rows.Cells[i*width+c.pair.Target]
		if e, d, ok := c.pair.draw(a, b, c.pairPredicate.codes, random); ok {
			base[i], distance[i] = e, d
		}
	}
}
