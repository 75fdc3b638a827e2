package dpsgd

import (
	"context"
	"fmt"

	"github.com/dpgan/dpgan/dpsgd/discrete"
	"github.com/dpgan/dpgan/internal/parallel"
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
// an exactly rounded normal of standard deviation r.Noise on each count. One row counts
// once in each table, so each has sensitivity 1; together they are charged as r, of as
// many tables, before anything is counted.
func (g *Gate) Tables(cells []Cells, tables [][]int, r Release) ([][]float64, error) {
	of, err := g.allColumns(cells)
	if err != nil {
		return nil, err
	}
	return g.releaseTables(cells, of, tables, r)
}

// allColumns are the numbers of all columns, each of which cells must cut: cells[j]
// those of column j.
func (g *Gate) allColumns(cells []Cells) ([]int, error) {
	if len(cells) != len(g.columns) {
		return nil, fmt.Errorf("dpsgd: cells of %d columns for %d", len(cells), len(g.columns))
	}
	of := make([]int, len(cells))
	for j := range of {
		of[j] = j
	}
	return of, nil
}

// releaseTables is Tables for cells[k] of column of[k], to which tables' entries refer.
func (g *Gate) releaseTables(cells []Cells, of []int, tables [][]int, r Release) ([][]float64, error) {
	counts, noise, err := g.chargeAndCount(cells, of, tables, r)
	if err != nil {
		return nil, err
	}
	return g.noisy(counts, noise)
}

// chargeAndCount charges one release of sensitivity 1 a table as r and then counts the
// tables. The counts are exact: they must not leave but with that noise.
func (g *Gate) chargeAndCount(cells []Cells, of []int, tables [][]int, r Release) ([][]int64, *discrete.RoundedGaussian, error) {
	sizes, err := g.tableSizes(cells, of, tables)
	if err != nil {
		return nil, nil, err
	}
	noise, err := discrete.NewRoundedGaussian(r.Noise)
	if err != nil {
		return nil, nil, err
	}
	r.Count = len(tables)
	if err := g.budget.Charge(r.event()); err != nil {
		return nil, nil, err
	}
	return g.countTables(cells, of, tables, sizes), noise, nil
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

// noisePiece is how many counts get their noise under one key. Pieces are shared out
// to threads; whose turn it is does not matter.
const noisePiece = 1 << 14

// noisy adds noise to each count.
func (g *Gate) noisy(counts [][]int64, noise *discrete.RoundedGaussian) ([][]float64, error) {
	var pieces []func() error
	out := make([][]float64, len(counts))
	for t, table := range counts {
		out[t] = make([]float64, len(table))
		for from := 0; from < len(table); from += noisePiece {
			to := min(from+noisePiece, len(table))
			source, err := newStream(g.entropy)
			if err != nil {
				return nil, err
			}
			pieces = append(pieces, func() error { return addNoise(out[t][from:to], table[from:to], noise, source) })
		}
	}
	err := parallel.Workers(context.Background(), len(pieces), func() func(int) error {
		return func(k int) error { return pieces[k]() }
	})
	if err != nil {
		return nil, fmt.Errorf("dpsgd: noise for a table: %w", err)
	}
	return out, nil
}

// addNoise writes counts plus noise from source to sums.
func addNoise(sums []float64, counts []int64, noise *discrete.RoundedGaussian, source *stream) error {
	draws := make([]int64, len(counts))
	if err := noise.Fill(draws, source); err != nil {
		return err
	}
	for k, count := range counts {
		sums[k] = float64(count + draws[k])
	}
	return nil
}
