package cpu

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// A wide matrix of one-hot rows is nearly all zeros: an affine layer then gathers
// rows of weights, and its gradient scatters them. Both add the terms of each
// element in the order of the dense product, so for finite operands the results
// are the same to the last bit, and finding out costs one look at the matrix. A row
// is gathered or not by what is in that row: its result hangs on no other.
const (
	sparseColumns = 512 // the narrowest matrix worth a look
	sparseShare   = 16  // at most one element of a row in so many may not be zero
)

// sparse lists the elements of a matrix that are not zero: those of row i are
// [i·limit, i·limit+counts[i]) of columns and values, none if it has more than limit.
type sparse struct {
	*kernels
	m       matrix
	limit   int // per row
	counts  []int32
	columns []int32
	values  []float32
	dense   atomic.Int32 // rows with more than limit
}

// manyElements is the count of a row with more than limit.
const manyElements = -1

// findSparse fills d.sparse and reports whether m is wide and at least one of its
// rows nearly all zeros.
func (d *Device) findSparse(m matrix) bool {
	if m.cols < sparseColumns || m.rows == 0 {
		return false
	}
	s := &d.sparse
	s.kernels, s.m, s.limit = d.kernels, m, m.cols/sparseShare
	grow(&s.counts, m.rows)
	grow(&s.columns, m.rows*s.limit)
	grow(&s.values, m.rows*s.limit)
	s.dense.Store(0)
	d.pool.split(m.rows, rowsPerBlock, s)
	return int(s.dense.Load()) < m.rows
}

// whole reports whether all rows are nearly all zeros.
func (s *sparse) whole() bool { return s.dense.Load() == 0 }

func (s *sparse) run(w *worker, from, to int) {
	words := (s.m.cols + 63) / 64
	bitmap := grow(&w.bitmap, 8*words)
	for i := from; i < to; i++ {
		row := s.m.row(i)
		whole := len(row) / s.lanes * s.lanes
		clear(bitmap[8*(words-1):])
		s.nonzeros(bitmap, row[:whole])
		for j := whole; j < len(row); j++ {
			if row[j] != 0 {
				bitmap[j/8] |= 1 << (j % 8)
			}
		}
		if s.counts[i] = s.list(i, row, bitmap[:8*words]); s.counts[i] == manyElements {
			s.dense.Add(1)
		}
	}
}

// list writes the elements of row i that bitmap names, and returns their number.
func (s *sparse) list(i int, row []float32, bitmap []uint8) int32 {
	columns, values := s.columns[i*s.limit:][:s.limit], s.values[i*s.limit:][:s.limit]
	count := 0
	for word := 0; word < len(bitmap); word += 8 {
		for set := binary.LittleEndian.Uint64(bitmap[word:]); set != 0; set &= set - 1 {
			if count == s.limit {
				return manyElements
			}
			j := 8*word + bits.TrailingZeros64(set)
			columns[count], values[count] = int32(j), row[j]
			count++
		}
	}
	return int32(count)
}

// row is the columns and values of row i, and whether it is nearly all zeros.
func (s *sparse) row(i int) (columns []int32, values []float32, few bool) {
	if s.counts[i] == manyElements {
		return nil, nil, false
	}
	from, to := i*s.limit, i*s.limit+int(s.counts[i])
	return s.columns[from:to], s.values[from:to], true
}
