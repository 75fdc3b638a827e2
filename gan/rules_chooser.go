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
	columns   []Column
	decoders  []*decoder
	derived   map[int]tabular.Dependency
	codec     *tabular.Codec
	completer func() *mixture.Completer
	posterior *mixture.Posterior
	random    *rand.Rand
	cells     []uint32
	drawn     []int // the columns drawn last, which posterior is without; nil: another
}

// choosers makes choosers that keep to what is wanted of c's rows.
func (m *mixtureModel) choosers(c *conditioned, codec *tabular.Codec, rules *tabular.Rules) chooserMaker {
	derived := determined(rules)
	completer := sync.OnceValue(func() *mixture.Completer { return c.Completer(make([][]float64, len(m.Columns))) })
	return func() ruleChooser {
		return &mixtureChooser{columns: m.Columns, decoders: c.decoders, derived: derived, codec: codec,
			completer: completer, cells: make([]uint32, len(m.Columns))}
	}
}

func (c *mixtureChooser) reseed(random *rand.Rand) { c.random, c.drawn = random, nil }

// know fills the posterior given row, but for columns and what is determined.
func (c *mixtureChooser) know(row []uint32, columns ...int) bool {
	for j := range c.cells {
		c.cells[j] = c.columns[j].cell(row[j])
	}
	for j := range c.derived {
		c.cells[j] = mixture.Unknown
	}
	for _, j := range columns {
		c.cells[j] = mixture.Unknown
	}
	if c.posterior == nil {
		c.posterior = c.completer().NewPosterior()
	}
	return c.posterior.Fill(c.cells)
}

// Redraw implements tabular.Chooser. Calls for one row that differ in nothing but
// the columns are many; the posterior of the last ones is kept.
func (c *mixtureChooser) Redraw(row []uint32, columns []int) bool {
	if !slices.Equal(c.drawn, columns) {
		c.drawn = append([]int(nil), columns...)
		if !c.know(row, columns...) {
			return false
		}
	}
	atom := c.posterior.Draw(c.random)
	for _, j := range columns {
		cell := c.posterior.Cell(atom, j, c.random)
		if d := c.decoders[j]; d.share(int(cell)) > 0 {
			row[j] = d.draw(cell, c.random)
		}
	}
	return true
}

// Choose implements tabular.Chooser: a cell by its probability given the others,
// times the share of it that is allowed.
func (c *mixtureChooser) Choose(row []uint32, j int, allowed tabular.CodeSet) uint32 {
	c.drawn = nil
	if !c.know(row, j) {
		return c.codec.Nearest(j, row[j], allowed)
	}
	d, whole := newDecoder(&c.columns[j], wantAll(allowed)), newDecoder(&c.columns[j], nil)
	weights := c.posterior.Cells(j)
	for k := range weights {
		if all := whole.share(k); all > 0 {
			weights[k] *= d.share(k) / all
		}
	}
	cell, ok := drawWeighted(weights, c.random)
	if !ok || d.share(cell) <= 0 {
		return c.codec.Nearest(j, row[j], allowed)
	}
	return d.draw(uint32(cell), c.random)
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

// marginalChooser draws codes by the paid tables of a model of pure mode, whose
// generator cannot be asked for a cell given the others.
type marginalChooser struct {
	columns []Column // of one cell each
	codec   *tabular.Codec
	random  *rand.Rand
}

// choosers makes choosers by the tables m.
func (m *Marginals) choosers(codec *tabular.Codec) chooserMaker {
	columns := make([]Column, len(m.Encodings))
	for j, e := range m.Encodings {
		columns[j].Edges, columns[j].Index, columns[j].Count = e.Edges, make([]uint32, len(e.Edges)-1), 1
		columns[j].Within = m.Shares[j]
	}
	return func() ruleChooser { return &marginalChooser{columns: columns, codec: codec} }
}

func (c *marginalChooser) reseed(random *rand.Rand) { c.random = random }

// Redraw implements tabular.Chooser.
func (c *marginalChooser) Redraw([]uint32, []int) bool { return false }

// Choose implements tabular.Chooser.
func (c *marginalChooser) Choose(row []uint32, j int, allowed tabular.CodeSet) uint32 {
	d := newDecoder(&c.columns[j], wantAll(allowed))
	if !(d.share(0) > 0) {
		return c.codec.Nearest(j, row[j], allowed)
	}
	return d.draw(0, c.random)
}
