package mixture

import (
	"math/rand/v2"
	"sort"

	"github.com/dpgan/dpgan/internal/parallel"
)

// Refine replaces rows by what propose proposes where that brings the sample's
// pairwise frequencies closer to the mixture's: greedily, a few of many proposals
// a round, for rounds rounds. A sample of n rows has an error of its own of about
// 1/√n in each frequency; most of it goes.
func (m *Mixture) Refine(rows *Rows, propose Proposer, seed uint64, rounds int) {
	n := rows.Len()
	if n == 0 {
		return
	}
	target := m.Moments()
	counts := make([]int32, len(target))
	for i := range n {
		m.count(counts, rows.row(i), 1)
	}
	f := &refinement{Mixture: m, rows: rows, from: propose, residual: make([]float32, len(target))}
	for r := range rounds {
		for k, c := range counts {
			f.residual[k] = float32(c)/float32(n) - target[k]
		}
		f.propose(seed, uint64(r), min(proposalsPerRound, n))
		most := int(float64(len(f.proposals)) * acceptedShare * (1 - 0.8*float64(r)/float64(rounds)))
		for _, p := range f.best(max(most, 1), n) {
			old := rows.row(p.row)
			m.count(counts, old, -1)
			m.count(counts, p.cells, 1)
			copy(old, p.cells)
		}
	}
}

const (
	proposalsPerRound = 8192
	acceptedShare     = 0.02
)

type refinement struct {
	*Mixture
	rows      *Rows
	from      Proposer
	residual  []float32 // sample minus mixture
	proposals []proposal
	cells     []uint32
}

// proposal is a row, what to replace it by, and by how much, to first order,
// that changes half the squared distance.
type proposal struct {
	row   int
	cells []uint32
	gain  float32
}

func (f *refinement) propose(seed, round uint64, number int) {
	pick := rand.New(rand.NewPCG(seed, 1<<62+round))
	columns, n := len(f.counts), f.rows.Len()
	if f.cells == nil {
		f.proposals, f.cells = make([]proposal, number), make([]uint32, number*columns)
	}
	// One row of each stratum of n/number rows, so that none is taken twice.
	for q := range f.proposals {
		from, to := n*q/number, n*(q+1)/number
		f.proposals[q] = proposal{row: from + pick.IntN(to-from), cells: f.cells[q*columns : (q+1)*columns]}
	}
	parallel.Blocks(number, 256, func(from, to int) {
		random := rand.New(rand.NewPCG(seed^round<<32, uint64(from)))
		for q := from; q < to; q++ {
			p := &f.proposals[q]
			f.from(p.cells, p.row, random)
			p.gain = f.energy(p.cells) - f.energy(f.rows.row(p.row))
		}
	})
}

// energy is Σ residual over the pairs of a row, each pair once.
func (f *refinement) energy(row []uint32) float32 {
	sum := float32(0)
	for j, cell := range row {
		line := f.residual[(f.starts[j]+int(cell))*f.width:]
		for k := range j {
			sum += line[f.starts[k]+int(row[k])]
		}
		sum += line[f.starts[j]+int(cell)] / 2
	}
	return sum
}

// best are the proposals that lower the distance most, and by more than they
// would raise it to second order: columns²/n at the most.
func (f *refinement) best(most, n int) []proposal {
	sort.Slice(f.proposals, func(a, b int) bool {
		x, y := &f.proposals[a], &f.proposals[b]
		return x.gain < y.gain || x.gain == y.gain && x.row < y.row
	})
	columns := float32(len(f.counts))
	bound := -columns * columns / 2 / float32(n)
	last := sort.Search(len(f.proposals), func(q int) bool { return f.proposals[q].gain >= bound })
	return f.proposals[:min(most, last)]
}

// Proposer draws a row that could take the place of row number i.
type Proposer func(dst []uint32, i int, random *rand.Rand)

// FromAtoms proposes a fresh row of the same atom.
func (m *Mixture) FromAtoms(rows *Rows) Proposer {
	return func(dst []uint32, i int, random *rand.Rand) { m.drawRow(dst, int(rows.Atoms[i]), random) }
}
