package cpu

// depthBlock is how many terms a tile sums at once: a packed panel of them, and
// the rows they meet, stay in the first-level cache.
const depthBlock = 256

// product is c = start + a·b, its rows split over threads: a [rows, depth] as it
// lies, b [depth, cols] packed in panels, c [rows, cols]. Each element takes its
// terms in the order of depth, whatever the tiles and threads are.
type product struct {
	*kernels
	a, c    matrix
	b       []float32
	start   []float32 // first row of the start, [cols]; nil: c itself
	rounded bool      // to BF16, and b is packed so
}

// rowsPerProduct is how many rows of c a thread takes at most.
const rowsPerProduct = 48

// blockRows is how many rows of c a thread takes at once, in whole tiles.
func (p *product) blockRows(threads *pool) int {
	most, unit := roundUp(rowsPerProduct, p.tileRows), p.tileRows
	if p.rounded {
		most, unit = 2*stripSize, stripSize
	}
	return threads.balanced(p.c.rows, most, unit)
}

func (p *product) run(w *worker, from, to int) {
	if p.c.cols == 1 {
		p.column(from, to)
		return
	}
	if p.rounded {
		p.strips(w, from, to)
		return
	}
	for at := 0; at == 0 || at < p.a.cols; at += depthBlock {
		p.block(w, from, to, at, min(depthBlock, p.a.cols-at))
	}
}

// column is a product of one column: tiles would stay empty.
func (p *product) column(from, to int) {
	for i := from; i < to; i++ {
		start := p.c.row(i)[0]
		if p.start != nil {
			start = p.start[0]
		}
		p.c.row(i)[0] = start + p.dot(p.a.row(i), p.b)
	}
}

// block adds the terms [at, at+depth) to rows [from, to).
func (p *product) block(w *worker, from, to, at, depth int) {
	whole := from + (to-from)/p.tileRows*p.tileRows
	if whole < to {
		padRows(grow(&w.edge, p.tileRows*depth), &p.a, whole, to, at, depth)
	}
	for j := 0; j < p.c.cols; j += p.tileCols {
		cols := min(p.tileCols, p.c.cols-j)
		panel := p.b[j*p.a.cols+at*p.tileCols:][:depth*p.tileCols]
		for i := from; i < whole; i += p.tileRows {
			c := p.c.data[i*p.c.stride+j:]
			start, stride := c, p.c.stride
			if p.start != nil && at == 0 {
				start, stride = p.start[j:], 0
			}
			p.tile(depth, p.a.data[i*p.a.stride+at:], p.a.stride, 1, panel, start, stride, c, p.c.stride, cols)
		}
		if whole < to {
			var start []float32
			if p.start != nil && at == 0 {
				start = p.start[j:]
			}
			p.edge(w, w.edge, depth, 1, depth, panel, start, p.c.data[whole*p.c.stride+j:], p.c.stride, to-whole, cols)
		}
	}
}

// edge is a tile of which only some rows exist, by way of scratch.
func (k *kernels) edge(w *worker, a []float32, aRow, aCol, depth int, panel, start, c []float32, stride, rows, cols int) {
	whole := grow(&w.tile, k.tileRows*k.tileCols)
	startRow := 0
	if start == nil {
		for i := range rows {
			copy(whole[i*k.tileCols:], c[i*stride:i*stride+cols])
		}
		start, startRow = whole, k.tileCols
	}
	k.tile(depth, a, aRow, aCol, panel, start, startRow, whole, k.tileCols, cols)
	for i := range rows {
		copy(c[i*stride:i*stride+cols], whole[i*k.tileCols:])
	}
}

// padRows copies columns [at, at+depth) of rows [from, to) of m, and zeros below
// them.
func padRows(dst []float32, m *matrix, from, to, at, depth int) {
	for i := from; i < to; i++ {
		dst = dst[copy(dst, m.row(i)[at:at+depth]):]
	}
	clear(dst)
}

// panels packs a matrix into panels of tileCols columns.
type panels struct {
	*kernels
	dst        []float32
	m          matrix
	rows       []int32   // rows of m to take, or
	scale      []float32 // with rows: the factor of each row of m
	transposed bool      // pack mᵀ
	rounded    bool      // to BF16
}

// packedLen is the length of the packed form of [depth, cols].
func (k *kernels) packedLen(depth, cols int) int {
	if cols == 1 {
		return depth
	}
	return (cols + k.tileCols - 1) / k.tileCols * k.tileCols * depth
}

func (p *panels) run(w *worker, from, to int) {
	for panel := from; panel < to; panel++ {
		if p.rounded {
			p.round(w, panel)
			continue
		}
		j := panel * p.tileCols
		if p.transposed {
			p.turn(p.dst[j*p.m.cols:][:p.tileCols*p.m.cols], j, min(p.tileCols, p.m.rows-j))
			continue
		}
		dst := p.dst[j*len(p.rows):][:p.tileCols*len(p.rows)]
		p.packScaled(dst, p.m.data[j:], p.m.stride, p.rows, p.scale, min(p.tileCols, p.m.cols-j))
	}
}

// turn packs rows [from, from+cols) of m as the columns of a panel.
func (p *panels) turn(dst []float32, from, cols int) {
	squares, width := p.m.cols/8, p.tileCols
	c := 0
	for ; c+8 <= cols; c += 8 {
		p.transpose(dst[c:], width, p.m.data[(from+c)*p.m.stride:], p.m.stride, squares)
		for i := c; i < c+8; i++ {
			for at, v := range p.m.row(from + i)[8*squares:] {
				dst[(8*squares+at)*width+i] = v
			}
		}
	}
	for ; c < width; c++ {
		for at := range p.m.cols {
			v := float32(0)
			if c < cols {
				v = p.m.data[(from+c)*p.m.stride+at]
			}
			dst[at*width+c] = v
		}
	}
}

// pack makes the second operand of a product from m, or from mᵀ.
func (d *Device) pack(m matrix, transposed, rounded bool) []float32 {
	depth, cols := m.rows, m.cols
	if transposed {
		depth, cols = cols, depth
	}
	length, width := d.packedLen(depth, cols), d.tileCols
	if rounded {
		length, width = roundedLen(depth, cols), stripSize
	}
	dst := grow(&d.packed, length)
	if cols == 1 {
		for i := range dst {
			if transposed {
				dst[i] = m.data[i]
			} else {
				dst[i] = m.data[i*m.stride]
			}
		}
		return dst
	}
	d.panels = panels{kernels: d.kernels, dst: dst, m: m, transposed: transposed, rounded: rounded}
	if !transposed {
		d.panels.rows, d.panels.scale = d.everyRow(m.rows), d.ones
	}
	d.pool.split((cols+width-1)/width, 1, &d.panels)
	return dst
}

// everyRow lists n rows, all of factor one.
func (d *Device) everyRow(n int) []int32 {
	for len(d.every) < n {
		d.every = append(d.every, int32(len(d.every)))
		d.ones = append(d.ones, 1)
	}
	return d.every[:n]
}
