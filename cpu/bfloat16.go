package cpu

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// Products of operands rounded to BF16, two to a float32 of memory, run on the
// tiles of AMX: strips of stripSize rows meet panels of stripSize columns in steps
// of stripSize terms. Products are exact and sums float32, but for subnormal
// numbers, which count as zero.
const (
	stripSize = 32
	stepWords = stripSize * stripSize / 2 // of one step of a strip or a panel

	// leastRounded is the least size of a layer's sides whose products are worth
	// rounding; smaller ones would mostly multiply padding.
	leastRounded = 16

	// roundedDepth is how many records a strip sums at once: what it meets of the
	// packed deltas stays in the second-level cache.
	roundedDepth = 512
)

// round makes products of matrices round their operands to precision.
func (d *Device) round(precision device.Precision) error {
	switch precision {
	case device.SinglePrecision:
	case device.BrainFloat16:
		if err := d.allowAMX(); err != nil {
			return fmt.Errorf("cpu: precision=%v: %w; use %v", precision, err, device.SinglePrecision)
		}
	default:
		return fmt.Errorf("cpu: precision=%v: the CPU has %v and %v", precision, device.SinglePrecision, device.BrainFloat16)
	}
	d.precision = precision
	return nil
}

func (d *Device) allowAMX() error {
	if err := allowAMX(); err != nil {
		return err
	}
	if d.strip == nil {
		return fmt.Errorf("%s=%s has no products in AMX, avx512 has", SetVariable, d.Set())
	}
	return nil
}

// rounds reports whether the products of a layer with weights [k, n] are rounded.
// It depends on nothing else: that of one record must not change another's.
func (d *Device) rounds(k, n int) bool {
	return d.precision == device.BrainFloat16 && k >= leastRounded && n >= leastRounded
}

func steps(depth int) int { return (depth + stripSize - 1) / stripSize }

// roundedLen is the length of [depth, cols] packed in panels.
func roundedLen(depth, cols int) int { return steps(depth) * steps(cols) * stepWords }

// round packs one panel.
func (p *panels) round(w *worker, panel int) {
	j := panel * stripSize
	if !p.transposed {
		n := steps(len(p.rows)) * stepWords
		p.roundPanel(p.dst[panel*n:][:n], &p.m, j, min(stripSize, p.m.cols-j), p.rows, p.scale)
		return
	}
	n := steps(p.m.cols) * stepWords
	dst, rows := p.dst[panel*n:][:n], grow(&w.edge, n)
	p.roundRows(rows, p.m.data[j*p.m.stride:], p.m.stride, min(stripSize, p.m.rows-j), p.m.cols)
	for at := 0; at < n; at += stepWords {
		for i := 0; i < stripSize; i += 8 {
			p.transpose(dst[at+i:], stripSize, rows[at+i*stripSize/2:], stripSize/2, stripSize/16)
		}
	}
}

// roundPanel rounds scale·m of the listed rows and columns [from, from+cols).
func (k *kernels) roundPanel(dst []float32, m *matrix, from, cols int, rows []int32, scale []float32) {
	k.roundPairs(dst, m.data[from:], m.stride, rows, scale, cols)
	clear(dst[(len(rows)+1)/2*stripSize:])
}

// strips computes rows [from, to).
func (p *product) strips(w *worker, from, to int) {
	steps := steps(p.a.cols)
	a := grow(&w.edge, steps*stepWords)
	for i := from; i < to; i += stripSize {
		rows, c := min(stripSize, to-i), p.c.data[i*p.c.stride:]
		start, startRow := c, p.c.stride
		if p.start != nil {
			start, startRow = p.start, 0
		}
		p.roundRows(a, p.a.data[i*p.a.stride:], p.a.stride, rows, p.a.cols)
		p.partStrip(w, steps, a, p.b, 0, start, startRow, c, p.c.stride, rows, p.c.cols)
	}
}

// strips adds the chunk to rows [from, to) of dw, at most stripSize.
func (g *gradient) strips(w *worker, from, to int) {
	all := steps(len(g.chunk))
	for at := 0; at < len(g.chunk); at += roundedDepth {
		rows := g.chunk[at:min(at+roundedDepth, len(g.chunk))]
		steps := steps(len(rows))
		pairs, a := grow(&w.float32s, steps*stepWords), grow(&w.edge, steps*stepWords)
		g.roundPanel(pairs, &g.x, from, to-from, rows, g.ones)
		for k := 0; k < len(a); k += stepWords {
			for i := 0; i < stripSize/2; i += 8 {
				g.transpose(a[k+i:], stripSize/2, pairs[k+i*stripSize:], stripSize, stripSize/8)
			}
		}
		b, c := g.packed[at/stripSize*stepWords:], g.into.data[from*g.into.stride:]
		g.partStrip(w, steps, a, b, (all-steps)*stepWords, c, g.into.stride, c, g.into.stride, to-from, g.into.cols)
	}
}

// partStrip is strip for as many rows and columns as there are.
func (k *kernels) partStrip(w *worker, steps int, a, b []float32, skip int, start []float32, startRow int, c []float32, stride, rows, cols int) {
	whole := 0
	if rows == stripSize {
		whole = cols / stripSize
	}
	if whole > 0 {
		k.strip(steps, a, b, skip, start, startRow, c, stride, whole)
	}
	tile := grow(&w.tile, stripSize*stripSize)
	for panel := whole; panel*stripSize < cols; panel++ {
		j := panel * stripSize
		width := min(stripSize, cols-j)
		for i := range rows {
			copy(tile[i*stripSize:], start[i*startRow+j:][:width])
		}
		k.strip(steps, a, b[panel*(steps*stepWords+skip):], 0, tile, stripSize, tile, stripSize, 1)
		for i := range rows {
			copy(c[i*stride+j:][:width], tile[i*stripSize:])
		}
	}
}
