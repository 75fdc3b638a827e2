package marginal

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Measurements are the paid tables of the marginal stage, released as they are, and how
// columns were cut for them.
type Measurements struct {
	Columns     []Binning            `json:"columns"`
	Differences []tabular.Difference `json:"differences,omitempty"`
	Found       []DependencyMap      `json:"found,omitempty"`
	Tables      [][]int              `json:"tables"`
	Counts      [][]float64          `json:"counts"`
	Noise       []float64            `json:"noise"` // on a count of each table
	// Looked are the columns of each table that the discriminator looks at.
	Looked [][]int `json:"looked"`
	// Chosen is set if pairs that are not looked at were left out as not worth it: they
	// are taken for independent given the column Target, -1 for none.
	Chosen      bool    `json:"chosen,omitempty"`
	Target      int     `json:"target"`
	OneWayNoise float64 `json:"one_way_noise"`
	TablesNoise float64 `json:"tables_noise"` // of what is bought next
}

// Table is where columns have a table, or -1.
func (m *Measurements) Table(columns []int) int {
	return slices.IndexFunc(m.Tables, func(t []int) bool { return slices.Equal(t, columns) })
}

// measure pays for tables, if any, as r.
func (m *Measurements) measure(gate *dpsgd.Gate, tables [][]int, r dpsgd.Release) error {
	if len(tables) == 0 {
		return nil
	}
	counts, err := gate.Tables(CellsOf(m.Columns), tables, r)
	if err != nil {
		return err
	}
	for t, table := range tables {
		m.add(table, counts[t], r.Noise)
	}
	return nil
}

func (m *Measurements) add(table []int, counts []float64, noise float64) {
	m.Tables, m.Counts, m.Noise = append(m.Tables, table), append(m.Counts, counts), append(m.Noise, noise)
}

// CellsOf are the cells of all columns, as the gate counts them.
func CellsOf(columns []Binning) []dpsgd.Cells {
	cells := make([]dpsgd.Cells, len(columns))
	for j := range columns {
		cells[j] = columns[j].Cells
	}
	return cells
}

// derivedBinning is a column that a rule fills in: one cell, of which any code is drawn.
func derivedBinning(size uint32, noise float64) Binning {
	return Binning{Cells: dpsgd.Cells{Edges: []uint32{0, size}, Index: []uint32{0}, Count: 1},
		Within: []float64{1}, Shares: []float64{1}, Noise: []float64{noise}}
}

// OneWay are the counts of single columns, and the noise on each.
func (m *Measurements) OneWay(rows float64) (one [][]float64, noise []float64) {
	for _, c := range m.Columns {
		counts := make([]float64, len(c.Shares))
		for k, p := range c.Shares {
			counts[k] = p * rows
			noise = append(noise, c.Noise[k])
		}
		one = append(one, counts)
	}
	return one, noise
}

// HeadBias is the bias of the heads at which each atom draws each column by its
// shares; cells that the noise hides keep a floor of 0.3 standard deviations.
func (m *Measurements) HeadBias(rows float64) []float32 {
	var bias []float32
	for j := range m.Columns {
		for k, p := range m.Columns[j].Shares {
			floor := math.Min(0.3*m.Columns[j].Noise[k]/rows, 0.01/float64(m.Columns[j].Count))
			bias = append(bias, float32(math.Log(math.Max(p, floor))))
		}
	}
	return bias
}

// IsTriple reports whether a table is of two columns and the target.
func IsTriple(table []int) bool { return len(table) == 3 }
