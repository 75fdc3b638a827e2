package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// clip makes the words of pairs [from, to).
func (c *clipping) clip(w *worker, from, to int) {
	records := grow(&w.int32s, 2*c.width)
	for pair := from; pair < to; pair++ {
		even, odd := records[:c.width], records[c.width:]
		c.record(w, 2*pair, even)
		if 2*pair+1 < c.rows {
			c.record(w, 2*pair+1, odd)
		} else {
			clear(odd)
		}
		for i := range c.layers {
			l := &c.layers[i]
			k, n := l.input.cols, l.delta.cols
			if l.sparse == nil {
				c.join(l.inputs[pair*l.inputStride:][:l.inputStride], even[:k], odd[:k])
			} else {
				copy(l.rowsOf[2*pair*n:], even[k:k+n])
				copy(l.rowsOf[min((2*pair+1)*n, len(l.rowsOf)):], odd[k:k+n])
			}
			for j := 0; j < n; j += c.tileCols {
				to := min(j+c.tileCols, n)
				c.join(l.deltas[j*c.pairs()+pair*c.tileCols:][:c.tileCols], even[k+j:k+to], odd[k+j:k+to])
			}
			even, odd = even[k+n:], odd[k+n:]
		}
	}
}

// join makes words of integers, zeros beyond the last.
func (c *clipping) join(words []uint32, even, odd []int32) {
	c.pairUp(words[:len(even)], even, odd)
	clear(words[len(even):])
}

// record writes the integers of a record, for each layer its inputs and its deltas:
// see device.ClipRecord.
func (c *clipping) record(w *worker, row int, integers []int32) {
	factors := grow(&w.float64s, len(c.layers)) // ‖a‖² + 2^(2·InputBits)
	square, finite, at := 0.0, true, integers
	for i := range c.layers {
		l := &c.layers[i]
		squares := c.inputs(l, row, at[:l.input.cols])
		finite = finite && squares >= 0
		factors[i] = float64(squares) + 1<<(2*device.InputBits)
		square += factors[i] / (1 << (2 * device.InputBits)) * c.sumSquares(l.delta.row(row))
		at = at[l.input.cols+l.delta.cols:]
	}
	factor := device.ClipFactor(square, c.maxGradNorm)
	if finite && (c.deltas(row, integers, factors, factor, c.toGrid) || c.deltas(row, integers, factors, factor, towardsZero)) {
		return
	}
	for i := range c.layers {
		k, n := c.layers[i].input.cols, c.layers[i].delta.cols
		clear(integers[k : k+n])
		integers = integers[k+n:]
	}
}

// inputs rounds the inputs of a record to dst, or, of a sparse layer, to listed.
func (c *clipping) inputs(l *clippedLayer, row int, dst []int32) int64 {
	if l.sparse == nil {
		return c.toGrid(dst, l.input.row(row), 1<<device.InputBits)
	}
	_, values, _ := l.sparse.row(row)
	return c.toGrid(l.listed[row*l.sparse.limit:][:len(values)], values, 1<<device.InputBits)
}

// deltas rounds the deltas of a record, and tells whether they are finite and the
// record is no longer than it may be.
func (c *clipping) deltas(row int, integers []int32, factors []float64, factor float32, toGrid func(dst []int32, x []float32, factor float32) int64) bool {
	length := 0.0
	for i := range c.layers {
		k, n := c.layers[i].input.cols, c.layers[i].delta.cols
		squares := toGrid(integers[k:k+n], c.layers[i].delta.row(row), factor)
		if squares < 0 {
			return false
		}
		length += factors[i] * float64(squares)
		integers = integers[k+n:]
	}
	return length <= device.MostSquare
}

// towardsZero is the kernel toGrid with the other rounding.
func towardsZero(dst []int32, x []float32, factor float32) (squares int64) {
	for j, v := range x {
		v *= factor
		if v-v != 0 {
			return -1
		}
		dst[j] = int32(max(-device.MostGrid, min(device.MostGrid, math.Trunc(float64(v)))))
		squares += int64(dst[j]) * int64(dst[j])
	}
	return squares
}
