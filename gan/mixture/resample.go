package mixture

import (
	"math/rand/v2"
	"sort"
)

// Resample draws n of rows, each about as often as its weight says: systematic
// sampling, so that a row of weight w occurs ⌊nw/Σw⌋ or ⌈nw/Σw⌉ times.
func (r *Rows) Resample(n int, weights []float64, seed uint64) *Rows {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	columns := len(r.Cells) / len(r.Atoms)
	out := &Rows{Cells: make([]uint32, 0, n*columns), Atoms: make([]uint32, 0, n)}
	random := rand.New(rand.NewPCG(seed, 0x5e1ec7))
	next, running := random.Float64(), 0.0
	for i, w := range weights {
		running += w / sum * float64(n)
		for ; len(out.Atoms) < n && (next < running || i == len(weights)-1); next++ {
			out.Atoms = append(out.Atoms, r.Atoms[i])
			out.Cells = append(out.Cells, r.row(i)...)
		}
	}
	random.Shuffle(n, func(a, b int) {
		out.Atoms[a], out.Atoms[b] = out.Atoms[b], out.Atoms[a]
		x, y := out.row(a), out.row(b)
		for j := range x {
			x[j], y[j] = y[j], x[j]
		}
	})
	return out
}

// Proposer draws a row that could take the place of row number i.
type Proposer func(dst []uint32, i int, random *rand.Rand)

// FromAtoms proposes a fresh row of the same atom.
func (m *Mixture) FromAtoms(rows *Rows) Proposer {
	return func(dst []uint32, i int, random *rand.Rand) { m.drawRow(dst, int(rows.Atoms[i]), random) }
}

// FromPool proposes rows of pool by their weights.
func FromPool(pool *Rows, weights []float64) Proposer {
	sums, sum := make([]float64, len(weights)), 0.0
	for i, w := range weights {
		sum += w
		sums[i] = sum
	}
	return func(dst []uint32, _ int, random *rand.Rand) {
		u := random.Float64() * sum
		copy(dst, pool.row(min(sort.SearchFloat64s(sums, u), len(sums)-1)))
	}
}
