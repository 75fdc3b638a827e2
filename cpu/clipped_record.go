package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// recordPair are two records on their way to words.
type recordPair struct {
	first   int // of the two
	factors [2]float32
	finite  [2]bool
	squares [2]float64   // n² of device.ClipRecord
	lengths [2]float64   // the squared norm of the integers
	inputs  [2][]float64 // ‖a‖² + 2^(2·InputBits) of each layer
}

// clip makes the words of pairs [from, to).
func (c *clipping) clip(w *worker, from, to int) {
	layers := grow(&w.float64s, 2*len(c.layers))
	words := grow(&w.words, c.widest)
	p := recordPair{inputs: [2][]float64{layers[:len(c.layers)], layers[len(c.layers):]}}
	for pair := from; pair < to; pair++ {
		p.first, p.finite, p.squares, p.lengths = 2*pair, [2]bool{true, true}, [2]float64{}, [2]float64{}
		c.inputWords(&p, pair)
		for i := range p.factors {
			p.factors[i] = device.ClipFactor(p.squares[i], c.maxGradNorm)
		}
		for i := range c.layers {
			l := &c.layers[i]
			n := l.delta.cols
			even, odd := c.gridPair(words[:n], c.row2(&l.delta, &p, 0), c.row2(&l.delta, &p, 1), p.factors[0], p.factors[1])
			p.measure(i, even, odd)
			clear(words[n:roundUp(n, c.tileCols)])
			for j := 0; j < n; j += c.tileCols {
				copy(l.deltas[j*c.pairs()+pair*c.tileCols:], words[j:j+c.tileCols])
			}
		}
		for k, length := range p.lengths {
			if p.first+k < c.rows && (!p.finite[k] || !(length <= device.MostSquare)) {
				c.mend(&p, pair, k)
			}
		}
		if l := &c.layers[0]; l.sparse != nil {
			c.unpack(l, pair)
		}
	}
}

// row2 is a row of the pair, zeros beyond the last record.
func (c *clipping) row2(m *matrix, p *recordPair, k int) []float32 {
	if p.first+k < c.rows {
		return m.row(p.first + k)
	}
	return c.zeros[:m.cols]
}

// inputWords makes the words of the inputs and takes the norms.
func (c *clipping) inputWords(p *recordPair, pair int) {
	for i := range c.layers {
		l := &c.layers[i]
		var squares [2]int64
		if l.sparse != nil {
			for k := range 2 {
				if row := p.first + k; row < c.rows {
					_, values, _ := l.sparse.row(row)
					squares[k] = toGrid(l.listed[row*l.sparse.limit:][:len(values)], values, 1<<device.InputBits, math.RoundToEven)
				}
			}
		} else {
			words := l.inputs[pair*l.inputStride:][:l.inputStride]
			squares[0], squares[1] = c.gridPair(words[:l.input.cols], c.row2(&l.input, p, 0), c.row2(&l.input, p, 1), 1<<device.InputBits, 1<<device.InputBits)
			clear(words[l.input.cols:])
		}
		for k, s := range squares {
			p.finite[k] = p.finite[k] && s >= 0
			p.inputs[k][i] = float64(s) + 1<<(2*device.InputBits)
			if p.first+k < c.rows {
				p.squares[k] += p.inputs[k][i] / (1 << (2 * device.InputBits)) * c.sumSquares(l.delta.row(p.first+k))
			}
		}
	}
}

// measure takes the squared norms of the deltas of layer i.
func (p *recordPair) measure(i int, even, odd int64) {
	for k, s := range [2]int64{even, odd} {
		p.finite[k] = p.finite[k] && s >= 0
		p.lengths[k] += p.inputs[k][i] * float64(s)
	}
}

// mend writes the deltas of record k of a pair anew that are too long, rounded towards
// zero, or zeros if that is still too long or no number.
func (c *clipping) mend(p *recordPair, pair, k int) {
	length, finite := 0.0, p.finite[k]
	integers := make([][]int32, len(c.layers)) // seldom
	for i := range c.layers {
		l := &c.layers[i]
		integers[i] = make([]int32, l.delta.cols)
		if finite {
			squares := toGrid(integers[i], l.delta.row(p.first+k), p.factors[k], math.Trunc)
			finite = squares >= 0
			length += p.inputs[k][i] * float64(squares)
		}
	}
	for i := range c.layers {
		l := &c.layers[i]
		for j, v := range integers[i] {
			if !finite || !(length <= device.MostSquare) {
				v = 0
			}
			word := &l.deltas[j/c.tileCols*c.tileCols*c.pairs()+pair*c.tileCols+j%c.tileCols]
			*word = *word&^(0xffff<<(16*k)) | uint32(v)&0xffff<<(16*k)
		}
	}
}

// unpack copies the deltas of a pair, as integers, for a sparse layer.
func (c *clipping) unpack(l *clippedLayer, pair int) {
	n := l.delta.cols
	for j := range n {
		word := l.deltas[j/c.tileCols*c.tileCols*c.pairs()+pair*c.tileCols+j%c.tileCols]
		for k, v := range [2]int32{int32(int16(word)), int32(int16(word >> 16))} {
			if row := 2*pair + k; row < c.rows {
				l.rowsOf[row*n+j] = v
			}
		}
	}
}

// toGrid rounds factor·x, at most MostGrid, to dst, and is the sum of its squares, or
// -1 if an element is not finite.
func toGrid(dst []int32, x []float32, factor float32, round func(float64) float64) (squares int64) {
	for j, v := range x {
		v *= factor
		if v-v != 0 {
			return -1
		}
		dst[j] = int32(max(-device.MostGrid, min(device.MostGrid, round(float64(v)))))
		squares += int64(dst[j]) * int64(dst[j])
	}
	return squares
}
