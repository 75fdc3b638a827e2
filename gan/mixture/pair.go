package mixture

import (
	"math/rand/v2"
	"sort"
)

// Link is how far a row is wanted that is in cell A of one column and in cell B
// of another: the probability that what the two cells stand for meets a condition
// on both together. Cells without a link are not wanted.
type Link struct {
	A, B  uint32
	Share float64
}

// GivenPair is the mixture of the rows that links want of columns a and b, and the
// share of rows that are: within atom i the two columns no longer are independent,
// so it falls into one atom for each cell A, of weight
//
//	wᵢ pᵢA Σ_B pᵢB share(A, B),
//
// in which a is A and b is B with a probability ∝ pᵢB share(A, B). If there are
// more than most of them, most are drawn by their weights, so that over the seeds
// rows are as probable as they should be. Without a share the mixture is nil.
func (m *Mixture) GivenPair(a, b int, links []Link, most int, seed uint64) (*Mixture, float64, error) {
	type part struct {
		atom int
		cell uint32
	}
	var (
		parts   []part
		weights []float64
		total   float64
	)
	byA := make([][]Link, m.counts[a])
	for _, l := range links {
		byA[l.A] = append(byA[l.A], l)
	}
	for i := range m.n {
		for cell, of := range byA {
			if w := m.weight(i) * float64(m.cells(i, a)[cell]) * m.linked(i, b, of); w > 0 {
				parts, weights, total = append(parts, part{i, uint32(cell)}), append(weights, w), total+w
			}
		}
	}
	if total == 0 {
		return nil, 0, nil
	}
	if len(parts) > most {
		drawn := make([]float64, len(parts))
		for _, k := range systematic(most, weights, rand.New(rand.NewPCG(seed, 0x9a17))) {
			drawn[k]++
		}
		weights = drawn
	}
	var p []float32
	kept, sum := []float64{}, 0.0
	for k, w := range weights {
		if w == 0 {
			continue
		}
		from := len(p)
		p = append(p, m.p[parts[k].atom*m.width:(parts[k].atom+1)*m.width]...)
		m.link(p[from:], parts[k].atom, a, b, parts[k].cell, byA[parts[k].cell])
		kept, sum = append(kept, w), sum+w
	}
	for k := range kept {
		kept[k] *= float64(len(kept)) / sum
	}
	out, err := New(p, m.counts)
	if err != nil {
		return nil, 0, err
	}
	out.weights = kept
	return out, total / float64(m.n), nil
}

// linked is Σ_B pᵢB share(A, B) over the links of one cell A.
func (m *Mixture) linked(i, b int, of []Link) float64 {
	sum, p := 0.0, m.cells(i, b)
	for _, l := range of {
		sum += float64(p[l.B]) * l.Share
	}
	return sum
}

// link makes row that of atom i in which column a is cell and b is as its links want.
func (m *Mixture) link(row []float32, i, a, b int, cell uint32, of []Link) {
	first, second := row[m.starts[a]:m.starts[a]+m.counts[a]], row[m.starts[b]:m.starts[b]+m.counts[b]]
	clear(first)
	clear(second)
	first[cell] = 1
	sum := m.linked(i, b, of)
	for _, l := range of {
		second[l.B] += float32(float64(m.cells(i, b)[l.B]) * l.Share / sum)
	}
}

// DrawPair draws an atom and, from it, cells of columns a and b, both unknown to p,
// as links want them; false if that has no probability.
func (p *Posterior) DrawPair(a, b int, links []Link, random *rand.Rand) (atom int, cellA, cellB uint32, ok bool) {
	m := p.of.Mixture
	sums, before, sum := make([]float64, m.n), 0.0, 0.0
	for i, s := range p.sums {
		if w := s - before; w > 0 {
			sum += w * m.together(i, a, b, links, nil)
		}
		before, sums[i] = s, sum
	}
	if !(sum > 0) {
		return 0, 0, 0, false
	}
	u := random.Float64() * sum
	atom = sort.Search(len(sums)-1, func(i int) bool { return sums[i] > u })
	each := make([]float64, len(links))
	u = random.Float64() * m.together(atom, a, b, links, each)
	k := sort.Search(len(each)-1, func(k int) bool { return each[k] > u })
	return atom, links[k].A, links[k].B, true
}

// together is Σ pᵢA pᵢB share(A, B); each, if given, takes the running sums.
func (m *Mixture) together(i, a, b int, links []Link, each []float64) float64 {
	sum, pa, pb := 0.0, m.cells(i, a), m.cells(i, b)
	for k, l := range links {
		sum += float64(pa[l.A]) * float64(pb[l.B]) * l.Share
		if each != nil {
			each[k] = sum
		}
	}
	return sum
}
