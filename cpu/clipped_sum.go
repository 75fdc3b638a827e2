package cpu

import (
	"unsafe"

	"github.com/dpgan/dpgan/device"
)

// depthPairs is how many pairs of records a tile sums in 32 bits, before it adds to
// the sums: a record adds at most 2^SumBits, so 2^8 of them, the margin taken off,
// stay below 2^31.
const depthPairs = 1 << (31 - device.SumBits - 1)

// inputRows is how many rows of weights a thread takes at once, in whole tiles, and
// inputColumns how many if there is only one column.
const (
	inputRows    = 24
	inputColumns = 256
)

// blocks is into how many blocks the sums of l are split: the bias, and the weights.
func (c *clipping) blocks(l *clippedLayer) int {
	if l.sparse != nil {
		return 1 + (l.delta.cols+c.tileCols-1)/c.tileCols
	}
	return 1 + (l.input.cols+c.blockRows(l)-1)/c.blockRows(l)
}

func (c *clipping) blockRows(l *clippedLayer) int {
	if l.delta.cols == 1 {
		return inputColumns
	}
	return roundUp(inputRows, c.tileRows)
}

// sum does blocks [from, to), counted over the layers.
func (c *clipping) sum(w *worker, from, to int) {
	for block := from; block < to; block++ {
		i, at := 0, block
		for at >= c.blocks(&c.layers[i]) {
			at -= c.blocks(&c.layers[i])
			i++
		}
		l := &c.layers[i]
		rows := c.blockRows(l)
		switch {
		case at == 0:
			c.sumBias(w, l)
		case l.sparse != nil:
			c.scatter(l, (at-1)*c.tileCols)
		case l.delta.cols == 1:
			c.sumColumn(w, l, (at-1)*rows, min(at*rows, l.input.cols))
		default:
			c.sumRowsOf(w, l, (at-1)*rows, min(at*rows, l.input.cols))
		}
	}
}

// ones is a word of two inputs of one.
var ones = []uint32{1<<device.InputBits | 1<<(device.InputBits+16)}

// sumBias adds the gradients of the biases: those of weights whose input is one.
func (c *clipping) sumBias(w *worker, l *clippedLayer) {
	for j := 0; j < l.delta.cols; j += c.tileCols {
		panel := l.deltas[j*c.pairs():][:c.pairs()*c.tileCols]
		c.row(w, l.bias[j:min(j+c.tileCols, len(l.bias))], ones, 0, panel, c.tileCols)
	}
}

// sumColumn adds to the weights [from, to) of the only column.
func (c *clipping) sumColumn(w *worker, l *clippedLayer, from, to int) {
	column := grow(&w.words, c.pairs())
	for pair := range column {
		column[pair] = l.deltas[pair*c.tileCols]
	}
	for k := from; k < to; k += c.tileCols {
		c.row(w, l.weights[k:min(k+c.tileCols, to)], column, 1, l.inputs[k:], l.inputStride)
	}
}

// scatter adds to a panel's columns of the weights of a sparse layer, from j on.
func (c *clipping) scatter(l *clippedLayer, j int) {
	n := l.delta.cols
	for row := range c.rows {
		columns, values, _ := l.sparse.row(row)
		deltas := l.rowsOf[row*n+j:][:min(c.tileCols, n-j)]
		c.scatterSums(l.weights[j:], deltas, n, columns, l.listed[row*l.sparse.limit:][:len(values)])
	}
}

// row adds to one row of at most a tile's columns: Σ a[t·aCol]·b[t·bRow:].
func (c *clipping) row(w *worker, into []uint64, a []uint32, aCol int, b []uint32, bRow int) {
	tile := grow(&w.sums, c.tileRows*c.tileCols)
	clear(tile)
	for at := 0; at < c.pairs(); at += depthPairs {
		c.sumTile(min(depthPairs, c.pairs()-at), a[at*aCol:], 0, aCol, b[at*bRow:], bRow, tile, c.tileCols)
	}
	for j := range into {
		into[j] += tile[j]
	}
}

// sumRowsOf adds to rows [from, to) of weights.
func (c *clipping) sumRowsOf(w *worker, l *clippedLayer, from, to int) {
	n := l.delta.cols
	for at := 0; at < c.pairs(); at += depthPairs {
		depth := min(depthPairs, c.pairs()-at)
		strips := grow(&w.words, roundUp(to-from, c.tileRows)*depth)
		for i := from; i < to; i += c.tileRows {
			c.packWords(strips[(i-from)*depth:][:c.tileRows*depth], l.inputs[at*l.inputStride+i:], l.inputStride, depth, min(c.tileRows, to-i))
		}
		for j := 0; j < n; j += c.tileCols {
			panel := l.deltas[j*c.pairs()+at*c.tileCols:][:depth*c.tileCols]
			for i := from; i < to; i += c.tileRows {
				strip, rows, cols := strips[(i-from)*depth:], min(c.tileRows, to-i), min(c.tileCols, n-j)
				if rows == c.tileRows && cols == c.tileCols {
					c.sumTile(depth, strip, 1, c.tileRows, panel, c.tileCols, l.weights[i*n+j:], n)
					continue
				}
				tile := grow(&w.sums, c.tileRows*c.tileCols)
				clear(tile)
				c.sumTile(depth, strip, 1, c.tileRows, panel, c.tileCols, tile, c.tileCols)
				for r := range rows {
					for q, s := range tile[r*c.tileCols:][:cols] {
						l.weights[(i+r)*n+j+q] += s
					}
				}
			}
		}
	}
}

// packWords copies a tile's rows of depth rows of words, as packRows does.
func (c *clipping) packWords(dst, src []uint32, stride, depth, cols int) {
	c.packRows(floats(dst), floats(src), stride, c.everyPair[:depth], cols)
}

// floats is words to kernels that move 32 bits, whatever they mean.
func floats(words []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(words))), len(words))
}
