package gan

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// mixtureChooser draws cells by the mixture given a row's other cells. Columns
// that others determine say nothing that their sources do not.
type mixtureChooser struct {
	*openModel
	decoders  []*decoder
	derived   map[int]tabular.Dependency
	completer func() *mixture.Completer
	posterior *mixture.Posterior
	random    *rand.Rand
	cells     []uint32
	drawn     []int               // the columns drawn last, which posterior is without; nil: another
	known     *tabular.Difference // of a target that stays where its base is drawn; nil: none does
	pairings  map[int]*pairing    // by target
	links     []mixture.Link      // that give known's target its code
}

// choosers makes choosers that keep to what is wanted of c's rows.
func (o *openModel) choosers(c *conditioned) chooserMaker {
	derived := o.domain.Rules.Determined()
	completer := sync.OnceValue(func() *mixture.Completer { return c.Completer(make([][]float64, len(o.columns))) })
	return func() ruleChooser {
		return &mixtureChooser{openModel: o, decoders: c.decoders, derived: derived,
			completer: completer, cells: make([]uint32, len(o.columns)), pairings: map[int]*pairing{}}
	}
}

func (c *mixtureChooser) reseed(random *rand.Rand) { c.random, c.drawn = random, nil }

// know fills the posterior given row, but for columns and what is determined. If
// one of columns is the base of a column that stays, their distance is unknown too.
func (c *mixtureChooser) know(row []uint32, columns ...int) bool {
	for j := range c.cells {
		code := row[j]
		if d := tabular.DifferenceOf(c.differences, j); d != nil {
			code = d.Distance(row[d.Base], code)
		}
		c.cells[j] = c.columns[j].cell(code)
	}
	for j := range c.derived {
		c.cells[j] = mixture.Unknown
	}
	for _, j := range columns {
		c.cells[j] = mixture.Unknown
	}
	c.known = nil
	for k := range c.differences {
		d := &c.differences[k]
		if !slices.Contains(columns, d.Base) || slices.Contains(columns, d.Target) {
			continue
		}
		c.cells[d.Target] = mixture.Unknown
		if c.known == nil && tabular.DifferenceOf(c.differences, d.Base) == nil {
			c.known = d
		}
	}
	if c.posterior == nil {
		c.posterior = c.completer().NewPosterior()
	}
	return c.posterior.Fill(c.cells)
}

// pairing is that of known, drawing the base by a decoder.
func (c *mixtureChooser) pairing(base *decoder) *pairing {
	return newPairing(c.known, base, newDecoder(&c.columns[c.known.Target], nil))
}

// Redraw implements tabular.Chooser. Calls for one row that differ in nothing but
// the columns are many; the posterior of the last ones is kept.
func (c *mixtureChooser) Redraw(row []uint32, columns []int) bool {
	if !slices.Equal(c.drawn, columns) {
		c.drawn = append([]int(nil), columns...)
		if !c.know(row, columns...) {
			return false
		}
		if c.known != nil {
			if c.pairings[c.known.Target] == nil {
				c.pairings[c.known.Target] = c.pairing(c.decoders[c.known.Base])
			}
			c.links = c.pairings[c.known.Target].links(tabular.OneCode(row[c.known.Target]))
		}
	}
	base, code, atom := -1, uint32(0), 0
	if c.known != nil {
		var ok bool
		if atom, code, ok = c.drawBase(row[c.known.Target]); ok {
			base = c.known.Base
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
func (c *mixtureChooser) drawBase(target uint32) (atom int, base uint32, ok bool) {
	atom, a, b, ok := c.posterior.DrawPair(c.known.Base, c.known.Target, c.links, c.random)
	if ok {
		base, _, ok = c.pairings[c.known.Target].draw(a, b, tabular.OneCode(target), c.random)
	}
	return atom, base, ok
}

// Choose implements tabular.Chooser: a cell by its probability given the others,
// times the share of it that is allowed.
func (c *mixtureChooser) Choose(row []uint32, j int, allowed tabular.CodeSet) uint32 {
	c.drawn = nil
	if !c.know(row, j) {
		return c.domain.Nearest(j, row[j], allowed)
	}
	if c.known != nil {
		if code, ok := c.chooseBase(row[c.known.Target], j, allowed); ok {
			return code
		}
	}
	by := tabular.DifferenceOf(c.differences, j)
	codes := allowed
	if by != nil {
		codes = by.Distances(row[by.Base], allowed)
	}
	d, whole := newDecoder(&c.columns[j], wantAll(codes)), newDecoder(&c.columns[j], nil)
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
func (c *mixtureChooser) chooseBase(target uint32, j int, allowed tabular.CodeSet) (uint32, bool) {
	some, whole := newDecoder(&c.columns[j], wantAll(allowed)), newDecoder(&c.columns[j], nil)
	p := c.pairing(some)
	links := p.links(tabular.OneCode(target))
	for k := range links {
		cell := int(links[k].A)
		links[k].Share *= some.share(cell) / whole.share(cell)
	}
	_, a, b, ok := c.posterior.DrawPair(j, c.known.Target, links, c.random)
	if !ok {
		return 0, false
	}
	code, _, ok := p.draw(a, b, tabular.OneCode(target), c.random)
	return code, ok
}

// drawWeighted draws an index by its weight; false if all are 0.
func drawWeighted(weights []float64, random *rand.Rand) (int, bool) {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	left, last := random.Float64()*sum, -1
	for k, w := range weights {
		if w <= 0 {
			continue
		}
		if last = k; left < w {
			break
		}
		left -= w
	}
	return last, last >= 0
}
