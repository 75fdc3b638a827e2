package cpu

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// A wide matrix of one-hot rows is nearly all zeros: an affine layer then gathers
// rows of weights, and its gradient scatters them. Both add the terms of each
// element in the order of the dense product, so for finite operands the results
// are the same to the last bit, and finding out costs one look at the matrix.
const (
	sparseColumns = 512 // the narrowest matrix worth a look
	sparseShare   = 16  // at most one element in so many may not be zero
)

// sparse lists the elements of a matrix that are not zero: those of row i are
// [i·limit, i·limit+counts[i]) of columns and values.
type sparse struct {
	*kernels
	m       matrix
	limit   int // per row
	counts  []int32
	columns []int32
	values  []float32
	dense   atomic.Bool // a row has more than limit
}

// findSparse fills d.sparse and reports whether m is wide and nearly all zeros.
func (d *Device) findSparse(m matrix) bool {
	if m.cols < sparseColumns || m.rows == 0 {
		return false
	}
	s := &d.sparse
	s.kernels, s.m, s.limit = d.kernels, m, m.cols/sparseShare
	grow(&s.counts, m.rows)
	grow(&s.columns, m.rows*s.limit)
	grow(&s.values, m.rows*s.limit)
	s.dense.Store(false)
	d.pool.split(m.rows, rowsPerBlock, s)
	return !s.dense.Load()
}

func (s *sparse) run(w *worker, from, to int) {
	words := (s.m.cols + 63) / 64
	bitmap := grow(&w.bitmap, 8*words)
	for i := from; i < to && !s.dense.Load(); i++ {
		row := s.m.row(i)
		whole := len(row) / s.lanes * s.lanes
		clear(bitmap[8*(words-1):])
		s.nonzeros(bitmap, row[:whole])
		count := s.list(i, row, bitmap[:8*words])
		for j := whole; j < len(row); j++ {
			if row[j] != 0 && count < s.limit {
				s.columns[i*s.limit+count], s.values[i*s.limit+count] = int32(j), row[j]
				count++
			} else if row[j] != 0 {
				s.dense.Store(true)
			}
		}
		s.counts[i] = int32(count)
	}
}

// list writes the elements of row i that bitmap names, and returns their number.
func (s *sparse) list(i int, row []float32, bitmap []uint8) int {
	columns, values := s.columns[i*s.limit:][:s.limit], s.values[i*s.limit:][:s.limit]
	count := 0
	for word := 0; word < len(bitmap); word += 8 {
		for set := binary.LittleEndian.Uint64(bitmap[word:]); set != 0; set &= set - 1 {
			if count == s.limit {
				s.dense.Store(true)
				return count
			}
			j := 8*word + bits.TrailingZeros64(set)
			columns[count], values[count] = int32(j), row[j]
			count++
		}
	}
	return count
}

// row is the columns and values of row i.
func (s *sparse) row(i int) ([]int32, []float32) {
	from, to := i*s.limit, i*s.limit+int(s.counts[i])
	return s.columns[from:to], s.values[from:to]
}
