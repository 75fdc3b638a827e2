package dpsgd

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// Gate holds the private rows, as codes, and lets out only two things: noisy
// counts (tables, and the number of rows), each charged to the budget before it
// is computed, and Poisson batches, which go to the clip-and-noise Step and
// nowhere else. Rows enter by Append.
type Gate struct {
	sizes   []uint32
	columns []device.Codes
	rows    int
	// released is what RowCount says if secretCount.
	released    int
	secretCount bool
	budget      *Budget
	entropy     *Entropy
}

// NewGate makes an empty gate for columns with codes 0 … sizes[j]-1.
func NewGate(sizes []uint32, budget *Budget, entropy *Entropy) *Gate {
	g := &Gate{sizes: sizes, columns: make([]device.Codes, len(sizes)), budget: budget, entropy: entropy}
	for j, size := range sizes {
		switch {
		case size <= 1<<8:
			g.columns[j].U8 = []uint8{}
		case size <= 1<<16:
			g.columns[j].U16 = []uint16{}
		default:
			g.columns[j].U32 = []uint32{}
		}
	}
	return g
}

// Append adds rows, given as one slice of codes a column.
func (g *Gate) Append(columns [][]uint32) error {
	if len(columns) != len(g.columns) {
		return fmt.Errorf("dpsgd: %d columns appended to a gate of %d", len(columns), len(g.columns))
	}
	for j, codes := range columns {
		if len(codes) != len(columns[0]) {
			return fmt.Errorf("dpsgd: column %d has another length than column 0", j)
		}
		for _, code := range codes {
			if code >= g.sizes[j] {
				return fmt.Errorf("dpsgd: a code of column %d lies beyond its %d codes", j, g.sizes[j])
			}
		}
		c := &g.columns[j]
		switch {
		case c.U8 != nil:
			c.U8 = narrow(c.U8, codes)
		case c.U16 != nil:
			c.U16 = narrow(c.U16, codes)
		default:
			c.U32 = append(c.U32, codes...)
		}
	}
	g.rows += len(columns[0])
	if g.rows > math.MaxInt32 {
		return fmt.Errorf("dpsgd: more than %d rows", math.MaxInt32)
	}
	return nil
}

func narrow[T uint8 | uint16](dst []T, codes []uint32) []T {
	for _, code := range codes {
		dst = append(dst, T(code))
	}
	return dst
}

// RowCount is the number of rows, if privacy.row_count declares it public, else
// the noisy one that was released, 0 before that.
func (g *Gate) RowCount() int {
	if g.secretCount {
		return g.released
	}
	return g.rows
}

// HideRowCount makes RowCount private: known is what was released of it before,
// in a run that is resumed, or 0.
func (g *Gate) HideRowCount(known int) { g.secretCount, g.released = true, known }

// Histograms releases, for each k, how many rows fall into each of cells[k] of
// column columns[k], plus noise, charged as r: see Tables.
func (g *Gate) Histograms(columns []int, cells []Cells, r Release) ([][]float64, error) {
	return g.releaseTables(cells, columns, oneWay(len(columns)), r)
}

// oneWay are n tables of one column each.
func oneWay(n int) [][]int {
	tables := make([][]int, n)
	for k := range tables {
		tables[k] = []int{k}
	}
	return tables
}
