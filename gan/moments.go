package gan

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
)

// moments are noisy frequencies over the D cells of a layout, and what is known
// of their noise. Tables are symmetric; 0 where nothing was measured.
type moments struct {
	layout *device.Layout
	one    []float64
	two    [][]float64 // per slice [D·D]
	mask   [][]bool    // what was measured
	slice  []int       // the cell of the target that a slice belongs to, or -1
	// Standard deviations of the noise, of frequencies.
	oneNoise []float64
	twoNoise float64
	pairs    [][]int // of columns, if the tables are pairs
}

// newMoments lays out the tables: pairs of columns (a, b), or triples (a, b,
// target). rows turns counts into frequencies.
func newMoments(layout *device.Layout, one [][]float64, oneNoise []float64, tables [][]int, counts [][]float64, rows, twoNoise float64) *moments {
	m := &moments{layout: layout, twoNoise: twoNoise / rows, slice: []int{-1}}
	for _, sigma := range oneNoise {
		m.oneNoise = append(m.oneNoise, sigma/rows)
	}
	for _, column := range one {
		for _, n := range column {
			m.one = append(m.one, n/rows)
		}
	}
	if len(tables) > 0 && len(tables[0]) == 2 {
		m.pairs = tables
	}
	if len(tables) > 0 && len(tables[0]) == 3 {
		m.slice = nil
		span := &layout.Spans[tables[0][2]] // the target
		for v := range span.Modes() {
			m.slice = append(m.slice, span.ModeStart()+v)
		}
	}
	for range m.slice {
		m.two = append(m.two, make([]float64, layout.Width*layout.Width))
		m.mask = append(m.mask, make([]bool, layout.Width*layout.Width))
	}
	for t, columns := range tables {
		m.place(columns, counts[t], rows)
	}
	return m
}

// place enters one table, whose last column runs fastest.
func (m *moments) place(columns []int, counts []float64, rows float64) {
	a, b := &m.layout.Spans[columns[0]], &m.layout.Spans[columns[1]]
	d, slices := m.layout.Width, len(m.slice)
	for i := range a.Modes() {
		for j := range b.Modes() {
			for v := range slices {
				x, y := a.ModeStart()+i, b.ModeStart()+j
				p := counts[(i*b.Modes()+j)*slices+v] / rows
				m.two[v][x*d+y], m.two[v][y*d+x] = p, p
				m.mask[v][x*d+y], m.mask[v][y*d+x] = true, true
			}
		}
	}
}

// fission splits the noisy tables into T + aσz, to fit, and T - σz/a, to judge
// the fit by: their noises are independent, so the second is as good as fresh
// data, at no cost (Leiner et al. 2023, arXiv 2112.11079, for Gaussian noise).
func (m *moments) fission(a float64, random *rand.Rand) (fit, judge *moments) {
	f, j := *m, *m
	f.one, j.one = splitNoise(m.one, m.oneNoise, a, random)
	f.two, j.two = nil, nil
	d := m.layout.Width
	for s, table := range m.two {
		x, y := make([]float64, d*d), make([]float64, d*d)
		for r := range d {
			for c := range r {
				if !m.mask[s][r*d+c] {
					continue
				}
				z := m.twoNoise * random.NormFloat64()
				at, mirrored := r*d+c, c*d+r
				x[at], y[at] = table[at]+a*z, table[at]-z/a
				x[mirrored], y[mirrored] = x[at], y[at]
			}
		}
		f.two, j.two = append(f.two, x), append(j.two, y)
	}
	grown := math.Sqrt(1 + a*a)
	f.twoNoise, f.oneNoise = m.twoNoise*grown, nil
	for _, sigma := range m.oneNoise {
		f.oneNoise = append(f.oneNoise, sigma*grown)
	}
	return &f, &j
}

func splitNoise(table, sigma []float64, a float64, random *rand.Rand) (fit, judge []float64) {
	fit, judge = make([]float64, len(table)), make([]float64, len(table))
	for k, p := range table {
		z := sigma[k] * random.NormFloat64()
		fit[k], judge[k] = p+a*z, p-z/a
	}
	return fit, judge
}

// upload makes the targets of device.MomentDelta. Weights are inverse variances,
// relative to that of a table; a table counts in both of its halves.
func (m *moments) upload(a *arena, scratch *device.Moments) *device.Moments {
	d := m.layout.Width
	out := *scratch
	weights, reference := make([]float64, d), m.twoNoise
	if reference == 0 { // there are no tables but of single columns
		reference = m.oneNoise[0]
	}
	for k, sigma := range m.oneNoise {
		weights[k] = 2 * reference * reference / (sigma * sigma)
	}
	out.One, out.OneWeight = a.filled(m.one), a.filled(weights)
	out.Slice, out.Two, out.TwoWeight = m.slice, nil, nil
	for s := range m.two {
		weight := make([]float64, d*d)
		for k, measured := range m.mask[s] {
			if measured {
				weight[k] = 1
			}
		}
		out.Two = append(out.Two, device.NewMatrix(a.filled(m.two[s]).Buffer, 0, d, d))
		out.TwoWeight = append(out.TwoWeight, device.NewMatrix(a.filled(weight).Buffer, 0, d, d))
	}
	return &out
}

// signal is the mean frequency of the cells measured, in standard deviations of
// their noise.
func (m *moments) signal() float64 {
	sum, cells := 0.0, 0.0
	for s := range m.two {
		for k, measured := range m.mask[s] {
			if measured {
				sum += m.two[s][k]
				cells++
			}
		}
	}
	if cells == 0 {
		return math.Inf(1)
	}
	return sum / cells / m.twoNoise
}

// shrink draws each pair of columns towards independence by as much as noise may
// explain the difference (James, Stein 1961): a table that says nothing teaches
// nothing, instead of its noise.
func (m *moments) shrink() {
	d := m.layout.Width
	for _, pair := range m.pairs {
		a, b := &m.layout.Spans[pair[0]], &m.layout.Spans[pair[1]]
		p, q := m.singles(a), m.singles(b)
		square := 0.0
		for i := range p {
			for j := range q {
				r := m.two[0][(a.ModeStart()+i)*d+b.ModeStart()+j] - p[i]*q[j]
				square += r * r
			}
		}
		freedom := float64(len(p)*len(q) - 1)
		keep := math.Max(0, 1-freedom*m.twoNoise*m.twoNoise/math.Max(square, 1e-300))
		for i := range p {
			for j := range q {
				x, y := a.ModeStart()+i, b.ModeStart()+j
				even := p[i] * q[j]
				value := even + keep*(m.two[0][x*d+y]-even)
				m.two[0][x*d+y], m.two[0][y*d+x] = value, value
			}
		}
	}
}

// singles are the shares of the cells of one column.
func (m *moments) singles(span *device.Span) []float64 {
	from, to := span.ModeStart(), span.ModeStart()+span.Modes()
	return shares(m.one[from:to], m.oneNoise[from:to], 1)
}
