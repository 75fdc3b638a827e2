package sample

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
)

// codeWeights are runs of codes of one column, ascending and apart, each wanted
// with a weight > 0; nil: all codes alike.
type codeWeights []weightedRun

type weightedRun struct {
	tabular.Run
	weight float64
}

// evenly wants the codes of set alike.
func evenly(set tabular.CodeSet) codeWeights {
	var out codeWeights
	for _, run := range set {
		out = append(out, weightedRun{run, 1})
	}
	return out
}

// decoder draws codes for cells: a piece of a bin by its share of the cell, then a
// code of the piece evenly. A piece is what is wanted of a bin, whose share is its
// width's share of the bin times its weight.
type decoder struct {
	pieces [][]tabular.Run // of each cell
	sums   [][]float64     // running shares of the pieces
}

// newDecoder makes the decoder of a column that draws wanted codes only.
func newDecoder(c *marginal.Binning, wanted codeWeights) *decoder {
	if wanted == nil {
		wanted = codeWeights{{tabular.Run{To: math.MaxUint32}, 1}}
	}
	d := &decoder{pieces: make([][]tabular.Run, c.Count), sums: make([][]float64, c.Count)}
	first := 0
	for b, cell := range c.Index {
		lo, hi := c.Edges[b], c.Edges[b+1]
		for wanted[first].To <= lo && first < len(wanted)-1 {
			first++
		}
		for _, w := range wanted[first:] {
			if w.From >= hi {
				break
			}
			if from, to := max(lo, w.From), min(hi, w.To); from < to {
				d.add(cell, tabular.Run{From: from, To: to}, c.Within[b]*w.weight*float64(to-from)/float64(hi-lo))
			}
		}
	}
	return d
}

func (d *decoder) add(cell uint32, piece tabular.Run, share float64) {
	if n := len(d.sums[cell]); n > 0 {
		share += d.sums[cell][n-1]
	}
	d.pieces[cell], d.sums[cell] = append(d.pieces[cell], piece), append(d.sums[cell], share)
}

// share is the sum of the shares of a cell's pieces.
func (d *decoder) share(cell int) float64 {
	if n := len(d.sums[cell]); n > 0 {
		return d.sums[cell][n-1]
	}
	return 0
}

// draw draws a code for a cell that has pieces.
func (d *decoder) draw(cell uint32, random *rand.Rand) uint32 {
	pieces, sums := d.pieces[cell], d.sums[cell]
	piece := pieces[0]
	if len(pieces) > 1 {
		u := random.Float64() * sums[len(sums)-1]
		for k, sum := range sums {
			if u < sum {
				piece = pieces[k]
				break
			}
		}
	}
	if piece.To-piece.From == 1 {
		return piece.From
	}
	return piece.From + random.Uint32N(piece.To-piece.From)
}

// newDecoders makes the decoders of columns that draw what is wanted [J].
func newDecoders(columns []marginal.Binning, wanted []codeWeights) []*decoder {
	decoders := make([]*decoder, len(columns))
	for j := range decoders {
		decoders[j] = newDecoder(&columns[j], wanted[j])
	}
	return decoders
}

// evidence is, for the cells of each column of which not all is wanted, the share
// of the cell that is, by its weight; nil for the other columns.
func evidence(columns []marginal.Binning, wanted []codeWeights, decoders []*decoder) [][]float64 {
	out := make([][]float64, len(columns))
	for j, w := range wanted {
		if w == nil {
			continue
		}
		whole := newDecoder(&columns[j], nil)
		out[j] = make([]float64, columns[j].Count)
		for k := range out[j] {
			if all := whole.share(k); all > 0 {
				out[j][k] = decoders[j].share(k) / all
			}
		}
	}
	return out
}

// decode makes codes of cells, one slice a column.
func decode(decoders []*decoder, rows *mixture.Rows, seed uint64) [][]uint32 {
	n, columns := rows.Len(), len(decoders)
	out := make([][]uint32, columns)
	for j, d := range decoders {
		random := rand.New(rand.NewPCG(seed, math.MaxUint64-uint64(j)))
		out[j] = make([]uint32, n)
		for i := range n {
			out[j][i] = d.draw(rows.Cells[i*columns+j], random)
		}
	}
	return out
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
