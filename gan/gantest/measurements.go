package gantest

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
)

// Even looks at all pairs of columns of so many cells, each cell as frequent as
// the others, or, with a target, at all triples with the last column.
func Even(targeted bool, counts ...int) *marginal.Measurements {
	m := &marginal.Measurements{Target: -1}
	for _, count := range counts {
		edges := make([]uint32, count+1)
		for k := range edges {
			edges[k] = uint32(k)
		}
		m.Columns = append(m.Columns, marginal.Binning{Cells: dpsgd.EachBin(edges), Within: slices.Repeat([]float64{1}, count),
			Shares: slices.Repeat([]float64{1 / float64(count)}, count), Noise: slices.Repeat([]float64{1}, count)})
	}
	last := len(counts) - 1
	for a := range counts {
		for b := range a {
			switch {
			case !targeted:
				m.Looked = append(m.Looked, []int{a, b})
			case a < last:
				m.Looked = append(m.Looked, []int{a, b, last})
			}
		}
	}
	return m
}

// AddTable adds a table of counts with their noise.
func AddTable(m *marginal.Measurements, table []int, counts []float64, noise float64) {
	m.Tables, m.Counts, m.Noise = append(m.Tables, table), append(m.Counts, counts), append(m.Noise, noise)
}

// AddNoisy adds table as if its counts had been bought with noise sigma.
func AddNoisy(m *marginal.Measurements, table []int, counts []float64, sigma float64, r *rand.Rand) {
	noisy := make([]float64, len(counts))
	for k, n := range counts {
		noisy[k] = n + sigma*r.NormFloat64()
	}
	AddTable(m, table, noisy, sigma)
}

// Counts are the exact counts of the cells of table in columns.
func Counts(m *marginal.Measurements, table []int, columns [][]uint32) []float64 {
	size := 1
	for _, j := range table {
		size *= m.Columns[j].Count
	}
	counts := make([]float64, size)
	for i := range columns[0] {
		at := 0
		for _, j := range table {
			at = at*m.Columns[j].Count + int(columns[j][i])
		}
		counts[at]++
	}
	return counts
}

// RandomRows are rows whose cells lean on each other.
func RandomRows(rows int, r *rand.Rand, counts ...int) [][]uint32 {
	columns := make([][]uint32, len(counts))
	for range rows {
		common := r.Float64()
		for j, count := range counts {
			columns[j] = append(columns[j], uint32(float64(count)*(common+r.Float64())/2))
		}
	}
	return columns
}

// Gate holds columns of cells, which count for nothing.
func Gate(t *testing.T, m *marginal.Measurements, columns [][]uint32, seed uint64) *dpsgd.Gate {
	t.Helper()
	sizes := make([]uint32, len(columns))
	for j := range sizes {
		sizes[j] = uint32(m.Columns[j].Count)
	}
	gate := dpsgd.NewGate(sizes, nil, dpsgd.InsecureEntropy(seed))
	if err := gate.Append(columns); err != nil {
		t.Fatal(err)
	}
	return gate
}
