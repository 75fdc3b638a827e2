package cpu

import "github.com/dpgan/dpgan/device"

// chunkRows is how many records enter the weight gradient at once, so that the
// packed copy of their deltas stays in the cache.
const chunkRows = 2048

// gradient is a weight gradient in progress: dw += xᵀ·diag(scale)·delta over a chunk
// of rows.
// Rows of dw (columns of x) are split over threads; each element takes the records
// in their order.
type gradient struct {
	*kernels
	x, delta, into matrix
	chunk          []int32   // the rows
	scale          []float32 // [rows of delta]
	packed         []float32 // diag(scale)·delta of this chunk
	sums           []float64 // column sums of diag(scale)·delta so far
	sparse         *sparse   // the elements of x, if nearly all are zero
	ones           []float32 // if the product is of operands rounded to BF16
}

// LinearBackwardWeights adds the sum of the records' gradients.
func (d *Device) LinearBackwardWeights(dw device.Matrix, db device.Vector, x, dy device.Matrix) {
	d.addGradients(d.begin("LinearBackwardWeights"), dw, db, x, dy, device.Vector{})
}

// addGradients adds xᵀ·diag(scale)·dy to dw and the column sums of diag(scale)·dy to
// db; the zero Vector scales nothing.
func (d *Device) addGradients(o operation, dw device.Matrix, db device.Vector, x, dy device.Matrix, scale device.Vector) {
	into := o.matrix("dw", dw, x.Cols, dy.Cols)
	bias := o.vector("db", db, dy.Cols)
	in := o.matrix("x", x, dy.Rows, x.Cols)
	delta := o.matrix("dy", dy, dy.Rows, dy.Cols)
	rows := d.everyRow(dy.Rows)
	factors := d.ones
	if scale.Buffer != nil {
		factors = o.vector("scale", scale, dy.Rows)
	}
	if o.failed() || delta.cols == 0 {
		return
	}
	sums := grow(&d.sums, delta.cols)
	clear(sums)
	rounded := delta.cols > 1 && d.rounds(into.rows, into.cols)
	var elements *sparse
	if delta.cols > 1 && !rounded && d.findSparse(in) && d.sparse.whole() {
		elements = &d.sparse
	}
	for from := 0; from < len(rows); from += chunkRows {
		chunk := rows[from:min(from+chunkRows, len(rows))]
		d.gradient = gradient{kernels: d.kernels, x: in, delta: delta, into: into, chunk: chunk, scale: factors, sums: sums, sparse: elements}
		if delta.cols > 1 {
			d.packDeltas(rounded)
		}
		// Block 0 is the bias.
		blocks := (in.cols + d.gradient.blockRows() - 1) / d.gradient.blockRows()
		if elements != nil {
			blocks = (delta.cols + d.tileCols - 1) / d.tileCols
		}
		d.pool.split(1+blocks, 1, &d.gradient)
	}
	for j, s := range sums {
		bias[j] += float32(s)
	}
}

// packDeltas packs diag(scale)·delta of the gradient's chunk.
func (d *Device) packDeltas(rounded bool) {
	g := &d.gradient
	length, width := d.packedLen(len(g.chunk), g.delta.cols), d.tileCols
	if rounded {
		g.ones = d.ones
		length, width = roundedLen(len(g.chunk), g.delta.cols), stripSize
	}
	g.packed = grow(&d.packed, length)
	d.panels = panels{kernels: d.kernels, dst: g.packed, m: g.delta, rows: g.chunk, scale: g.scale, rounded: rounded}
	d.pool.split((g.delta.cols+width-1)/width, 1, &d.panels)
}

// weightRows is how many rows of dw a thread takes at once, rounded up to whole
// tiles.
const weightRows = 24

// columnRows is how many if there is only one column.
const columnRows = 64

func (g *gradient) blockRows() int {
	switch {
	case g.delta.cols == 1:
		return columnRows
	case g.ones != nil:
		return stripSize
	}
	return roundUp(weightRows, g.tileRows)
}

func (g *gradient) run(w *worker, block, _ int) {
	if block == 0 {
		g.sumRows(g.sums, g.delta.data, g.delta.stride, g.chunk, g.scale)
		return
	}
	if g.sparse != nil {
		g.scatter((block - 1) * g.tileCols)
		return
	}
	from := (block - 1) * g.blockRows()
	to := min(from+g.blockRows(), g.x.cols)
	if g.delta.cols == 1 {
		g.column(w, from, to)
		return
	}
	if g.ones != nil {
		g.strips(w, from, to)
		return
	}
	for at := 0; at < len(g.chunk); at += depthBlock {
		g.block(w, from, to, at, min(depthBlock, len(g.chunk)-at))
	}
}

// block adds the records [at, at+depth) of the chunk to rows [from, to) of dw.
func (g *gradient) block(w *worker, from, to, at, depth int) {
	columns := grow(&w.edge, g.blockRows()*depth)
	for i := from; i < to; i += g.tileRows {
		strip := columns[(i-from)*depth:][:g.tileRows*depth]
		g.packRows(strip, g.x.data[i:], g.x.stride, g.chunk[at:at+depth], min(g.tileRows, to-i))
	}
	for j := 0; j < g.delta.cols; j += g.tileCols {
		cols := min(g.tileCols, g.delta.cols-j)
		panel := g.packed[j*len(g.chunk)+at*g.tileCols:][:depth*g.tileCols]
		for i := from; i < to; i += g.tileRows {
			strip, c := columns[(i-from)*depth:], g.into.data[i*g.into.stride+j:]
			if to-i < g.tileRows {
				g.edge(w, strip, 1, g.tileRows, depth, panel, nil, c, g.into.stride, to-i, cols)
				continue
			}
			g.tile(depth, strip, 1, g.tileRows, panel, c, g.into.stride, c, g.into.stride, cols)
		}
	}
}

// scatter adds the chunk to the columns of dw that one panel holds.
func (g *gradient) scatter(j int) {
	cols := min(g.tileCols, g.delta.cols-j)
	for p, i := range g.chunk {
		columns, values, _ := g.sparse.row(int(i))
		g.scatterRows(g.into.data[j:], g.packed[j*len(g.chunk)+p*g.tileCols:][:cols], g.into.stride, columns, values)
	}
}

// column adds the chunk to rows [from, to) of the only column of dw.
func (g *gradient) column(w *worker, from, to int) {
	sums, factors := grow(&w.edge, to-from), grow(&w.float32s, len(g.chunk))
	for i := range sums {
		sums[i] = g.into.data[(from+i)*g.into.stride]
	}
	for p, i := range g.chunk {
		factors[p] = g.scale[i] * g.delta.row(int(i))[0]
	}
	g.gatherRows(sums, g.x.data[from:], g.x.stride, g.chunk, factors)
	for i, s := range sums {
		g.into.data[(from+i)*g.into.stride] = s
	}
}
