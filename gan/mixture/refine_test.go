package mixture

import (
	"math"
	"slices"
	"testing"
)

// distance is that of the rows' pair frequencies to the mixture's, in L2.
func (m *Mixture) distance(rows *Rows) float64 {
	counts := make([]int32, m.width*m.width)
	for i := range rows.Len() {
		m.count(counts, rows.row(i), 1)
	}
	sum := 0.0
	for at, p := range m.Moments() {
		d := float64(counts[at])/float64(rows.Len()) - float64(p)
		sum += d * d
	}
	return math.Sqrt(sum)
}

// Refining at least halves the error of a sample, and no row takes a cell to
// which its atom gives no share.
func TestRefineHalvesTheDistance(t *testing.T) {
	for seed := range uint64(4) {
		m := random(t, 60, []int{4, 3, 5, 2, 6}, seed)
		rows := m.Sample(3000, seed)
		atoms, before := slices.Clone(rows.Atoms), m.distance(rows)
		m.Refine(rows, m.FromAtoms(rows), seed, 100)
		if after := m.distance(rows); after > before/2 {
			t.Errorf("seed %d: distance %g, from %g", seed, after, before)
		}
		if !slices.Equal(atoms, rows.Atoms) {
			t.Errorf("seed %d: rows changed their atoms", seed)
		}
		for i := range rows.Len() {
			for j, cell := range rows.row(i) {
				if m.cells(int(rows.Atoms[i]), j)[cell] == 0 {
					t.Fatalf("seed %d: row %d has cell %d in column %d, of which its atom has none", seed, i, cell, j)
				}
			}
		}
	}
}

// Refining a handful of rows, or none, does no harm.
func TestRefineFewRows(t *testing.T) {
	m := random(t, 5, []int{3, 2}, 1)
	m.Refine(&Rows{}, nil, 1, 10)
	for _, n := range []int{1, 2, 10} {
		rows := m.Sample(n, 1)
		before := m.distance(rows)
		m.Refine(rows, m.FromAtoms(rows), 1, 20)
		if after := m.distance(rows); after > before+1e-9 {
			t.Errorf("n=%d: distance %g, from %g", n, after, before)
		}
	}
}
