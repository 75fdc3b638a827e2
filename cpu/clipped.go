package cpu

import "github.com/dpgan/dpgan/device"

// clipping is a ClippedSum in progress. Its first pass makes the integers of each
// record (device.ClipRecord), its second sums their products.
type clipping struct {
	*kernels
	layers      []clippedLayer
	everyPair   []int32   // 0, 1, 2 …
	rows        int       // that count
	widest      int       // columns of a layer's deltas, in whole panels
	zeros       []float32 // as many as a row has at most
	maxGradNorm float64
	pass        func(c *clipping, w *worker, from, to int)
}

// clippedLayer is a layer whose gradients are summed. A word holds the 16-bit integer
// of an even record and, above it, that of the record after it.
type clippedLayer struct {
	input, delta  matrix
	weights, bias []uint64 // sums [K, N] and [N]
	inputs        []uint32 // words [pairs, inputStride], K of each row and then zeros
	inputStride   int
	deltas        []uint32 // words [pairs, tileCols] of each panel of columns
	// The only layer of which sparse is set has, in place of words, the integers of the
	// elements that are listed there, and of deltas [rows, N].
	sparse *sparse
	listed []int32
	rowsOf []int32
}

// pairsPerBlock is how many pairs of records a thread clips at once.
const pairsPerBlock = 32

// ClippedSum adds the clipped gradients of the first *count records, exactly.
func (d *Device) ClippedSum(sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	o := d.begin("ClippedSum")
	if !(maxGradNorm > 0) {
		d.fail("ClippedSum: maxGradNorm=%v: must be > 0", maxGradNorm)
	}
	sums := o.uint64s("sum", sum, sum.Len)
	c := &d.clipping
	*c = clipping{kernels: d.kernels, layers: grow(&c.layers, len(layers)), maxGradNorm: maxGradNorm, everyPair: d.everyRow(depthPairs)}
	for i, g := range layers {
		l := &c.layers[i]
		c.rows = layers[0].Delta.Rows
		c.widest = max(c.widest, roundUp(g.Delta.Cols, d.tileCols))
		c.zeros = d.zeros(max(len(c.zeros), g.Input.Cols, g.Delta.Cols))
		l.input = o.matrix("input", g.Input, c.rows, g.Input.Cols)
		l.delta = o.matrix("delta", g.Delta, c.rows, g.Delta.Cols)
		l.weights = o.span("weights", sums, g.Weights, l.input.cols*l.delta.cols)
		l.bias = o.span("bias", sums, g.Bias, l.delta.cols)
	}
	if count != nil {
		if counted := o.uint32s("count", count, 1); counted != nil {
			c.rows = min(c.rows, int(counted[0]))
		}
	}
	if o.failed() || c.rows == 0 {
		return
	}
	blocks := 0
	for i := range c.layers {
		l := &c.layers[i]
		l.inputStride = roundUp(l.input.cols, d.tileCols)
		l.deltas = grow(&l.deltas, c.pairs()*roundUp(l.delta.cols, d.tileCols))
		if l.sparse = nil; blocks == 0 && d.findSparse(l.input) && d.sparse.whole() {
			l.sparse = &d.sparse
			l.listed = grow(&l.listed, c.rows*l.sparse.limit)
			l.rowsOf = grow(&l.rowsOf, c.rows*l.delta.cols)
		} else {
			l.inputs = grow(&l.inputs, c.pairs()*l.inputStride)
		}
		blocks += c.blocks(l)
	}
	c.pass = (*clipping).clip
	d.pool.split(c.pairs(), pairsPerBlock, c)
	c.pass = (*clipping).sum
	d.pool.split(blocks, 1, c)
}

func (c *clipping) run(w *worker, from, to int) { c.pass(c, w, from, to) }

// pairs is the number of words that hold all records.
func (c *clipping) pairs() int { return (c.rows + 1) / 2 }
