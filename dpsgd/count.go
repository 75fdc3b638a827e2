package dpsgd

import (
	"runtime"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/internal/parallel"
)

// rowsPerCount is how many rows are counted into all tables at a time: their
// cells stay in the cache.
const rowsPerCount = 4096

// sharedCounts is the most counts of which each thread keeps its own.
const sharedCounts = 1 << 24

// countTables counts the rows into tables, whose sizes are given.
func (g *Gate) countTables(cells []Cells, of []int, tables [][]int, sizes []int) [][]int64 {
	total := 0
	for _, size := range sizes {
		total += size
	}
	threads := min(runtime.GOMAXPROCS(0), g.rows/rowsPerCount+1)
	if total > sharedCounts {
		threads = 1
	}
	parts := make([][][]int64, threads)
	parallel.Each(threads, func(w int) {
		parts[w] = g.countRows(cells, of, tables, sizes, g.rows*w/threads, g.rows*(w+1)/threads)
	})
	for _, part := range parts[1:] {
		for t := range part {
			for k, n := range part[t] {
				parts[0][t][k] += n
			}
		}
	}
	return parts[0]
}

func (g *Gate) countRows(cells []Cells, of []int, tables [][]int, sizes []int, from, to int) [][]int64 {
	counts := make([][]int64, len(tables))
	for t, size := range sizes {
		counts[t] = make([]int64, size)
	}
	finders := make([]*cellFinder, len(cells))
	for _, columns := range tables {
		for _, j := range columns {
			if finders[j] == nil {
				finders[j] = newCellFinder(&cells[j], g.sizes[of[j]])
			}
		}
	}
	at := make([]int, rowsPerCount)
	for ; from < to; from += rowsPerCount {
		n := min(rowsPerCount, to-from)
		for j, f := range finders {
			if f != nil {
				f.find(g.columns[of[j]], from, n)
			}
		}
		for t, columns := range tables {
			at := at[:n]
			clear(at)
			for _, j := range columns {
				for i, cell := range finders[j].cells[:n] {
					at[i] = at[i]*cells[j].Count + int(cell)
				}
			}
			for _, k := range at {
				counts[t][k]++
			}
		}
	}
	return counts
}

// cellColumns are the gate's columns with cells for codes.
func (g *Gate) cellColumns(cells []Cells) []device.Codes {
	columns := make([]device.Codes, len(g.columns))
	for j, column := range g.columns {
		f := newCellFinder(&cells[j], g.sizes[j])
		for from := 0; from < g.rows; from += rowsPerCount {
			n := min(rowsPerCount, g.rows-from)
			f.find(column, from, n)
			switch count := cells[j].Count; {
			case count <= 1<<8:
				columns[j].U8 = narrow(columns[j].U8, f.cells[:n])
			case count <= 1<<16:
				columns[j].U16 = narrow(columns[j].U16, f.cells[:n])
			default:
				columns[j].U32 = append(columns[j].U32, f.cells[:n]...)
			}
		}
	}
	return columns
}

// cellFinder finds the cells of codes, by a list of all codes if it is short.
type cellFinder struct {
	of     *Cells
	span   device.Span
	cellOf []uint32
	cells  [rowsPerCount]uint32
}

// maxCellOf is the longest list cellOf that a cellFinder keeps.
const maxCellOf = 1 << 16

func newCellFinder(of *Cells, size uint32) *cellFinder {
	f := &cellFinder{of: of, span: device.Span{Edges: of.Edges}}
	if size <= maxCellOf {
		f.cellOf = make([]uint32, 0, size)
		for b, cell := range of.Index {
			for range of.Edges[b+1] - of.Edges[b] {
				f.cellOf = append(f.cellOf, cell)
			}
		}
	}
	return f
}

func (f *cellFinder) find(column device.Codes, from, n int) {
	for i := range n {
		if code := column.At(from + i); f.cellOf != nil {
			f.cells[i] = f.cellOf[code]
		} else {
			f.cells[i] = f.of.Index[f.span.Mode(code)]
		}
	}
}
