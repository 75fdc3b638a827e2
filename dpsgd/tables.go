package dpsgd

import (
	"fmt"
	"io"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/dpsgd/discrete"
)

// Cells cut the codes of a column into cells: bin b holds the codes [Edges[b],
// Edges[b+1]) and belongs to cell Index[b] of Count.
type Cells struct {
	Edges []uint32 `json:"edges"`
	Index []uint32 `json:"index"`
	Count int      `json:"count"`
}

// EachBin makes every bin a cell of its own.
func EachBin(edges []uint32) Cells {
	c := Cells{Edges: edges, Count: len(edges) - 1, Index: make([]uint32, len(edges)-1)}
	for b := range c.Index {
		c.Index[b] = uint32(b)
	}
	return c
}

// Validate reports cells that do not cover the codes 0 … size-1.
func (c *Cells) Validate(size uint32) error {
	bins := len(c.Edges) - 1
	if bins < 1 || len(c.Index) != bins || c.Edges[0] != 0 || c.Edges[bins] != size {
		return fmt.Errorf("%d bins of cells do not cover %d codes", bins, size)
	}
	for b, cell := range c.Index {
		if c.Edges[b] >= c.Edges[b+1] || int64(cell) >= int64(c.Count) {
			return fmt.Errorf("bin %d of cells: its edges must ascend and its cell lie below %d", b, c.Count)
		}
	}
	return nil
}

// maxTableCells bounds one table, so that a mistake does not fill the memory.
const maxTableCells = 1 << 26

// Tables releases, for each list of columns in tables, how many rows fall into
// each combination of their cells (the last column's cell running fastest), plus
// exact discrete Gaussian noise of standard deviation noiseMultiplier on each
// count. One row counts once in each table, so each has sensitivity 1; together
// they are charged as event, whose Count and NoiseMultiplier Tables fills in,
// before anything is counted.
func (g *Gate) Tables(cells []Cells, tables [][]int, noiseMultiplier float64, event accounting.Event) ([][]float64, error) {
	of, err := g.own(cells)
	if err != nil {
		return nil, err
	}
	return g.release(cells, of, tables, noiseMultiplier, event)
}

// own says that cells[j] are those of column j.
func (g *Gate) own(cells []Cells) ([]int, error) {
	if len(cells) != len(g.columns) {
		return nil, fmt.Errorf("dpsgd: cells of %d columns for %d", len(cells), len(g.columns))
	}
	of := make([]int, len(cells))
	for j := range of {
		of[j] = j
	}
	return of, nil
}

// release is Tables for cells[k] of column of[k], to which tables' entries refer.
func (g *Gate) release(cells []Cells, of []int, tables [][]int, noiseMultiplier float64, event accounting.Event) ([][]float64, error) {
	counted, source, err := g.countPaid(cells, of, tables, noiseMultiplier, event)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(tables))
	for t, counts := range counted {
		if out[t], err = noisy(counts, noiseMultiplier, source); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// countPaid charges one release of sensitivity 1 a table as event and then counts the
// tables. The counts are exact: they must not leave but with noise from source.
func (g *Gate) countPaid(cells []Cells, of []int, tables [][]int, noiseMultiplier float64, event accounting.Event) (counts [][]int64, source io.Reader, err error) {
	sizes, err := g.tableSizes(cells, of, tables)
	if err != nil {
		return nil, nil, err
	}
	event.Mechanism, event.Count, event.NoiseMultiplier = accounting.DiscreteGaussian, len(tables), noiseMultiplier
	if err := g.budget.Charge(event); err != nil {
		return nil, nil, err
	}
	if source, err = newStream(g.entropy); err != nil {
		return nil, nil, err
	}
	return g.count(cells, of, tables, sizes), source, nil
}

// tableSizes is the number of cells of each table.
func (g *Gate) tableSizes(cells []Cells, of []int, tables [][]int) ([]int, error) {
	sizes := make([]int, len(tables))
	for t, columns := range tables {
		sizes[t] = 1
		for _, j := range columns {
			if err := cells[j].Validate(g.sizes[of[j]]); err != nil {
				return nil, fmt.Errorf("dpsgd: column %d: %w", of[j], err)
			}
			sizes[t] *= cells[j].Count
			if sizes[t] > maxTableCells {
				return nil, fmt.Errorf("dpsgd: a table of more than %d cells: cut its columns into fewer", maxTableCells)
			}
		}
	}
	return sizes, nil
}

// noisy adds exact discrete Gaussian noise to counts.
func noisy(counts []int64, noiseMultiplier float64, source io.Reader) ([]float64, error) {
	table := make([]float64, len(counts))
	for k, count := range counts {
		noise, err := discrete.Gaussian(source, noiseMultiplier)
		if err != nil {
			return nil, fmt.Errorf("dpsgd: noise for a table: %w", err)
		}
		table[k] = float64(count + noise)
	}
	return table, nil
}
