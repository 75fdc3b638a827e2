package mixture

import (
	"math/rand/v2"

	"github.com/dpgan/dpgan/internal/parallel"
)

// Rows are sampled cells, row-major [Len, Columns], and the atom of each row.
type Rows struct {
	Cells []uint32
	Atoms []uint32
}

// Len is the number of rows.
func (r *Rows) Len() int { return len(r.Atoms) }

// rowsPerStream is how many rows share one stream of random numbers, so that
// the rows do not depend on the number of threads.
const rowsPerStream = 1024

// Sample draws n rows, each atom by its share of them, give or take one, in
// random order. The same seed gives the same rows.
func (m *Mixture) Sample(n int, seed uint64) *Rows {
	rows := &Rows{Cells: make([]uint32, n*len(m.counts)), Atoms: make([]uint32, 0, n)}
	order := rand.New(rand.NewPCG(seed, 0))
	if m.weights != nil {
		rows.Atoms = systematic(n, m.weights, order)
	}
	for len(rows.Atoms) < n {
		for _, i := range order.Perm(m.n)[:min(m.n, n-len(rows.Atoms))] {
			rows.Atoms = append(rows.Atoms, uint32(i))
		}
	}
	m.fill(rows, seed)
	return rows
}

// fill draws the cells of rows whose atoms are drawn.
func (m *Mixture) fill(rows *Rows, seed uint64) {
	parallel.Blocks(rows.Len(), rowsPerStream, func(from, to int) {
		random := rand.New(rand.NewPCG(seed, 1+uint64(from)))
		for r := from; r < to; r++ {
			m.drawRow(rows.row(r), int(rows.Atoms[r]), random)
		}
	})
}

func (r *Rows) row(i int) []uint32 {
	columns := len(r.Cells) / len(r.Atoms)
	return r.Cells[i*columns : (i+1)*columns]
}

func (m *Mixture) drawRow(dst []uint32, atom int, random *rand.Rand) {
	for j := range dst {
		dst[j] = m.draw(atom, j, random.Float32())
	}
}
