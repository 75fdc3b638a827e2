package mixture

import "github.com/dpgan/dpgan/internal/parallel"

// Moments [Width, Width] are the frequencies of pairs of cells, row-major and
// symmetric; on the diagonal, of single cells. Two cells of one column have 0.
func (m *Mixture) Moments() []float32 {
	d := m.width
	out := make([]float32, d*d)
	parallel.Each(len(m.counts), func(a int) {
		for b := 0; b <= a; b++ {
			m.pair(out, a, b)
		}
	})
	for a := range d {
		for b := range a {
			out[b*d+a] = out[a*d+b]
		}
	}
	return out
}

// pair fills in the table of columns a and b <= a.
func (m *Mixture) pair(out []float32, a, b int) {
	sums := make([]float64, m.counts[a]*m.counts[b])
	for i := range m.n {
		row := m.p[i*m.width : (i+1)*m.width]
		of := row[m.starts[b] : m.starts[b]+m.counts[b]]
		for x := range m.counts[a] {
			p := m.weight(i) * float64(row[m.starts[a]+x])
			if a == b {
				sums[x*m.counts[b]+x] += p
				continue
			}
			line := sums[x*m.counts[b]:][:len(of)]
			for y, q := range of {
				line[y] += p * float64(q)
			}
		}
	}
	for x := range m.counts[a] {
		for y := range m.counts[b] {
			out[(m.starts[a]+x)*m.width+m.starts[b]+y] = float32(sums[x*m.counts[b]+y] / float64(m.n))
		}
	}
}

// count adds the rows' pairs to counts, as Moments lays them out.
func (m *Mixture) count(counts []int32, row []uint32, sign int32) {
	for j, cell := range row {
		line := counts[(m.starts[j]+int(cell))*m.width:]
		for k, other := range row {
			line[m.starts[k]+int(other)] += sign
		}
	}
}
