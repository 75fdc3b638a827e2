package mixture

import (
	"math"
	"math/rand/v2"
)

// Given is the mixture of the rows that are wanted, and the share of rows that
// are, by Bayes' rule over the atoms. evidence[j][k] >= 0 is how far a row in cell
// k of column j is wanted: the probability that what the cell stands for meets a
// condition, or a weight; nil: every cell is. With e = evidence,
//
//	share = Σᵢ wᵢ Πⱼ Σₖ pᵢₖ eⱼₖ,   w'ᵢ ∝ wᵢ Πⱼ Σₖ pᵢₖ eⱼₖ,   p'ᵢₖ ∝ pᵢₖ eⱼₖ,
//
// which is exact, since within an atom columns are independent. Atoms without a
// share are left out; if none has one, the mixture is nil and the share 0.
func (m *Mixture) Given(evidence [][]float64) (*Mixture, float64, error) {
	logs, top := make([]float64, m.n), math.Inf(-1)
	for i := range logs {
		logs[i] = math.Log(m.weight(i)) + m.logEvidence(i, evidence)
		top = math.Max(top, logs[i])
	}
	if math.IsInf(top, -1) {
		return nil, 0, nil
	}
	given := &Mixture{counts: m.counts}
	var p []float32
	sum := 0.0
	for i, l := range logs {
		w := math.Exp(l - top)
		if w == 0 {
			continue
		}
		given.weights = append(given.weights, w)
		sum += w
		for j := range m.counts {
			p = append(p, m.tilted(i, j, evidence[j])...)
		}
	}
	for i := range given.weights {
		given.weights[i] *= float64(len(given.weights)) / sum
	}
	out, err := New(p, m.counts)
	if err != nil {
		return nil, 0, err
	}
	out.weights = given.weights
	return out, math.Exp(top) * sum / float64(m.n), nil
}

// logEvidence is Σⱼ ln Σₖ pᵢₖ eⱼₖ.
func (m *Mixture) logEvidence(i int, evidence [][]float64) float64 {
	sum := 0.0
	for j, e := range evidence {
		if e != nil {
			sum += math.Log(m.wanted(i, j, e))
		}
	}
	return sum
}

// wanted is Σₖ pᵢₖ eₖ over the cells of column j.
func (m *Mixture) wanted(i, j int, evidence []float64) float64 {
	sum := 0.0
	for k, p := range m.cells(i, j) {
		sum += float64(p) * evidence[k]
	}
	return sum
}

func (m *Mixture) cells(i, j int) []float32 {
	from := i*m.width + m.starts[j]
	return m.p[from : from+m.counts[j]]
}

// tilted is pᵢₖ eₖ / Σ over the cells of column j.
func (m *Mixture) tilted(i, j int, evidence []float64) []float32 {
	if evidence == nil {
		return m.cells(i, j)
	}
	sum, out := m.wanted(i, j, evidence), make([]float32, m.counts[j])
	for k, p := range m.cells(i, j) {
		out[k] = float32(float64(p) * evidence[k] / sum)
	}
	return out
}

// systematic draws n atoms, atom i ⌊nwᵢ/Σw⌋ or ⌈nwᵢ/Σw⌉ times, in random order.
func systematic(n int, weights []float64, random *rand.Rand) []uint32 {
	sum := 0.0
	last := 0
	for i, w := range weights {
		sum += w
		if w > 0 {
			last = i
		}
	}
	atoms := make([]uint32, 0, n)
	next, running := random.Float64(), 0.0
	for i, w := range weights[:last+1] {
		running += w / sum * float64(n)
		for ; len(atoms) < n && (next < running || i == last); next++ {
			atoms = append(atoms, uint32(i))
		}
	}
	random.Shuffle(n, func(a, b int) { atoms[a], atoms[b] = atoms[b], atoms[a] })
	return atoms
}

// SampleWith draws one row for each of cells, its cell of column j: the rest of
// it by the mixture given that cell. Atoms are stratified within each cell.
func (m *Mixture) SampleWith(j int, cells []uint32, seed uint64) *Rows {
	n := len(cells)
	rows := &Rows{Cells: make([]uint32, n*len(m.counts)), Atoms: make([]uint32, n)}
	of := make([][]int, m.counts[j])
	for r, k := range cells {
		of[k] = append(of[k], r)
	}
	random, weights := rand.New(rand.NewPCG(seed, 0)), make([]float64, m.n)
	for k, members := range of {
		if len(members) == 0 {
			continue
		}
		for i := range weights {
			weights[i] = m.weight(i) * float64(m.cells(i, j)[k])
		}
		for r, atom := range systematic(len(members), weights, random) {
			rows.Atoms[members[r]] = atom
		}
	}
	m.fill(rows, seed)
	for r, k := range cells {
		rows.row(r)[j] = k
	}
	return rows
}

// FromAtomsKeeping proposes a fresh row of the same atom with the same cell of
// column j.
func (m *Mixture) FromAtomsKeeping(rows *Rows, j int) Proposer {
	return func(dst []uint32, i int, random *rand.Rand) {
		m.drawRow(dst, int(rows.Atoms[i]), random)
		dst[j] = rows.row(i)[j]
	}
}
