package sample

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// conditionalSampler draws cells by the mixture given a row's other cells. Columns
// that others determine say nothing that their sources do not.
type conditionalSampler struct {
	*generator
	decoders  []*decoder
	derived   map[int]tabular.Dependency
	completer func() *mixture.Completer
	posterior *mixture.Posterior
	random    *rand.Rand
	cells     []uint32
	drawn     []int                 // the columns drawn last, which posterior is without; nil: another
	paired    *tabular.Difference   // of a target that stays where its base is drawn; nil: none does
	distances map[int]*baseDistance // by target
	links     []mixture.Link        // that give known's target its code
}

// samplers makes choosers that keep to what is wanted of c's rows.
func (o *generator) samplers(c *conditional) samplerMaker {
	derived := o.domain.Rules.Determined()
	completer := sync.OnceValue(func() *mixture.Completer { return c.Completer(make([][]float64, len(o.columns))) })
	return func() seededChooser {
		return &conditionalSampler{generator: o, decoders: c.decoders, derived: derived,
			completer: completer, cells: make([]uint32, len(o.columns)), distances: map[int]*baseDistance{}}
	}
}

func (c *conditionalSampler) reseed(random *rand.Rand) { c.random, c.drawn = random, nil }

// condition fills the posterior given row, but for columns and what is determined. If
// one of columns is the base of a column that stays, their distance is unknown too.
func (c *conditionalSampler) condition(row []uint32, columns ...int) bool {
	for j := range c.cells {
		code := row[j]
		if d := tabular.DifferenceOf(c.differences, j); d != nil {
			code = d.Distance(row[d.Base], code)
		}
		c.cells[j] = c.columns[j].Cell(code)
	}
	for j := range c.derived {
		c.cells[j] = mixture.Unknown
	}
	for _, j := range columns {
		c.cells[j] = mixture.Unknown
	}
	c.paired = nil
	for k := range c.differences {
		d := &c.differences[k]
		if !slices.Contains(columns, d.Base) || slices.Contains(columns, d.Target) {
			continue
		}
		c.cells[d.Target] = mixture.Unknown
		if c.paired == nil && tabular.DifferenceOf(c.differences, d.Base) == nil {
			c.paired = d
		}
	}
	if c.posterior == nil {
		c.posterior = c.completer().NewPosterior()
	}
	return c.posterior.Fill(c.cells)
}

// baseDistance is that of known, drawing the base by a decoder.
func (c *conditionalSampler) baseDistance(base *decoder) *baseDistance {
	return newBaseDistance(c.paired, base, newDecoder(&c.columns[c.paired.Target], nil))
}

// Redraw implements tabular.Chooser. Calls for one row that differ in nothing but
// the columns are many; the posterior of the last ones is kept.
func (c *conditionalSampler) Redraw(row []uint32, columns []int) bool {
	if !slices.Equal(c.drawn, columns) {
		c.drawn = append([]int(nil), columns...)
		if !c.condition(row, columns...) {
			return false
		}
		if c.paired != nil {
			if c.distances[c.paired.Target] == nil {
				c.distances[c.paired.Target] = c.baseDistance(c.decoders[c.paired.Base])
			}
			c.links = c.distances[c.paired.Target].cellPairs(tabular.OneCode(row[c.paired.Target]))
		}
	}
	base, code, atom := -1, uint32(0), 0
	if c.paired != nil {
		var ok bool
		if atom, code, ok = c.drawBase(row[c.paired.Target]); ok {
			base = c.paired.Base
		}
	}
	if base < 0 {
		atom = c.posterior.Draw(c.random)
	}
	for k := len(c.differences) - 1; k >= 0; k-- {
		if d := &c.differences[k]; slices.Contains(columns, d.Target) {
			row[d.Target] = d.Distance(row[d.Base], row[d.Target])
		}
	}
	for _, j := range columns {
		if j == base {
			row[j] = code
			continue
		}
		cell := c.posterior.Cell(atom, j, c.random)
		if d := c.decoders[j]; d.share(int(cell)) > 0 {
			row[j] = d.draw(cell, c.random)
		}
	}
	for k := range c.differences {
		if d := &c.differences[k]; slices.Contains(columns, d.Target) {
			row[d.Target] = d.Restore(row[d.Base], row[d.Target])
		}
	}
	return true
}

// drawBase draws an atom and the base of known, whose target has a code.
func (c *conditionalSampler) drawBase(target uint32) (atom int, base uint32, ok bool) {
	atom, a, b, ok := c.posterior.DrawPair(c.paired.Base, c.paired.Target, c.links, c.random)
	if ok {
		base, _, ok = c.distances[c.paired.Target].draw(a, b, tabular.OneCode(target), c.random)
	}
	return atom, base, ok
}

// Choose implements tabular.Chooser: a cell by its probability given the others,
// times the share of it that is allowed.
func (c *conditionalSampler) Choose(row []uint32, j int, allowed tabular.CodeSet) uint32 {
	c.drawn = nil
	if !c.condition(row, j) {
		return c.domain.Nearest(j, row[j], allowed)
	}
	if c.paired != nil {
		if code, ok := c.chooseBase(row[c.paired.Target], j, allowed); ok {
			return code
		}
	}
	by := tabular.DifferenceOf(c.differences, j)
	codes := allowed
	if by != nil {
		codes = by.Distances(row[by.Base], allowed)
	}
	d, whole := newDecoder(&c.columns[j], evenly(codes)), newDecoder(&c.columns[j], nil)
	weights := c.posterior.Cells(j)
	for k := range weights {
		if all := whole.share(k); all > 0 {
			weights[k] *= d.share(k) / all
		}
	}
	cell, ok := drawWeighted(weights, c.random)
	if !ok || d.share(cell) <= 0 {
		return c.domain.Nearest(j, row[j], allowed)
	}
	code := d.draw(uint32(cell), c.random)
	if by != nil {
		code = by.Restore(row[by.Base], code)
	}
	return code
}

// chooseBase is Choose of the base j of known, whose target has a code.
func (c *conditionalSampler) chooseBase(target uint32, j int, allowed tabular.CodeSet) (uint32, bool) {
	some, whole := newDecoder(&c.columns[j], evenly(allowed)), newDecoder(&c.columns[j], nil)
	p := c.baseDistance(some)
	links := p.cellPairs(tabular.OneCode(target))
	for k := range links {
		cell := int(links[k].A)
		links[k].Share *= some.share(cell) / whole.share(cell)
	}
	_, a, b, ok := c.posterior.DrawPair(j, c.paired.Target, links, c.random)
	if !ok {
		return 0, false
	}
	code, _, ok := p.draw(a, b, tabular.OneCode(target), c.random)
	return code, ok
}
