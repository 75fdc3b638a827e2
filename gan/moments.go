package gan

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dpgan/dpgan/device"
)

// moments are noisy frequencies over the D cells of a layout, and what is known
// of their noise. Tables are symmetric; 0 where nothing was measured.
type moments struct {
	layout *device.Layout
	one    []float64
	two    [][]float64 // per slice [D·D]
	slice  []int       // the cell of the target that a slice belongs to, or -1
	// Standard deviations of the noise, of frequencies: of each cell, and, per slice,
	// of the cells of each two of the J columns [J·J], 0 for those not measured.
	oneNoise []float64
	twoNoise [][]float64
	guess    *classes // of pairs that were not measured; nil to leave them open
}

// newMoments lays out the tables, pairs of columns (a, b) or triples (a, b,
// target), each with its noise. rows turns counts into frequencies.
func newMoments(layout *device.Layout, one [][]float64, oneNoise []float64, tables [][]int, counts [][]float64, rows float64, noise []float64) *moments {
	m := &moments{layout: layout}
	for _, sigma := range oneNoise {
		m.oneNoise = append(m.oneNoise, sigma/rows)
	}
	for _, column := range one {
		for _, n := range column {
			m.one = append(m.one, n/rows)
		}
	}
	if at := slices.IndexFunc(tables, isTriple); at >= 0 {
		span := &layout.Spans[tables[at][2]] // the target
		for v := range span.Modes() {
			m.slice = append(m.slice, span.ModeStart()+v)
		}
	} else {
		m.slice = []int{-1}
	}
	for range m.slice {
		m.two = append(m.two, make([]float64, layout.Width*layout.Width))
		m.twoNoise = append(m.twoNoise, make([]float64, len(layout.Spans)*len(layout.Spans)))
	}
	for t, columns := range tables {
		m.place(columns, counts[t], rows, noise[t]/rows)
	}
	return m
}

func isTriple(table []int) bool { return len(table) == 3 }

// place enters one table, whose last column runs fastest.
func (m *moments) place(columns []int, counts []float64, rows, noise float64) {
	a, b, slices := columns[0], columns[1], len(m.slice)
	for v := range slices {
		m.twoNoise[v][a*len(m.layout.Spans)+b], m.twoNoise[v][b*len(m.layout.Spans)+a] = noise, noise
		m.each(a, b, func(k, at, mirrored int) {
			p := counts[k*slices+v] / rows
			m.two[v][at], m.two[v][mirrored] = p, p
		})
	}
}

// each calls do with the places of the cells of two columns in a table, b's running
// fastest.
func (m *moments) each(a, b int, do func(k, at, mirrored int)) {
	rows, columns, d, k := &m.layout.Spans[a], &m.layout.Spans[b], m.layout.Width, 0
	for x := rows.ModeStart(); x < rows.ModeStart()+rows.Modes(); x++ {
		for y := columns.ModeStart(); y < columns.ModeStart()+columns.Modes(); y++ {
			do(k, x*d+y, y*d+x)
			k++
		}
	}
}

// measured calls do for each two columns that slice s tells of.
func (m *moments) measured(s int, do func(a, b int, noise float64)) {
	for a := range m.layout.Spans {
		for b := range a {
			if noise := m.twoNoise[s][a*len(m.layout.Spans)+b]; noise > 0 {
				do(a, b, noise)
			}
		}
	}
}

// fission splits the noisy tables into T + aσz, to fit, and T - σz/a, to judge
// the fit by: their noises are independent, so the second is as good as fresh
// data, at no cost (Leiner et al. 2023, arXiv 2112.11079, for Gaussian noise).
// What was only guessed judges nothing.
func (m *moments) fission(a float64, random *rand.Rand) (fit, judge *moments) {
	f, j := *m, *m
	j.guess = nil
	f.one, j.one = splitNoise(m.one, m.oneNoise, a, random)
	f.two, j.two, f.twoNoise = nil, nil, nil
	grown := math.Sqrt(1 + a*a)
	for s, table := range m.two {
		x, y := make([]float64, len(table)), make([]float64, len(table))
		m.measured(s, func(p, q int, noise float64) {
			m.each(p, q, func(_, at, mirrored int) {
				z := noise * random.NormFloat64()
				x[at], y[at] = table[at]+a*z, table[at]-z/a
				x[mirrored], y[mirrored] = x[at], y[at]
			})
		})
		f.two, j.two, f.twoNoise = append(f.two, x), append(j.two, y), append(f.twoNoise, scaled(m.twoNoise[s], grown))
	}
	f.oneNoise = scaled(m.oneNoise, grown)
	return &f, &j
}

func scaled(values []float64, factor float64) []float64 {
	out := make([]float64, len(values))
	for k, v := range values {
		out[k] = factor * v
	}
	return out
}

func splitNoise(table, sigma []float64, a float64, random *rand.Rand) (fit, judge []float64) {
	fit, judge = make([]float64, len(table)), make([]float64, len(table))
	for k, p := range table {
		z := sigma[k] * random.NormFloat64()
		fit[k], judge[k] = p+a*z, p-z/a
	}
	return fit, judge
}

// reference is the noise of the most precise table.
func (m *moments) reference() float64 {
	least := math.Inf(1)
	for s := range m.two {
		m.measured(s, func(_, _ int, noise float64) { least = math.Min(least, noise) })
	}
	if math.IsInf(least, 1) { // there are no tables but of single columns
		return m.oneNoise[0]
	}
	return least
}

// guessWeight is the weight of a pair that was guessed beside one that was measured.
const guessWeight = 0.1

// upload makes the targets of device.MomentDelta. Weights are inverse variances,
// relative to that of the most precise table; a table counts in both of its halves.
func (m *moments) upload(a *arena, scratch *device.Moments) *device.Moments {
	d, reference := m.layout.Width, m.reference()
	out := *scratch
	weights := make([]float64, d)
	for k, sigma := range m.oneNoise {
		weights[k] = 2 * reference * reference / (sigma * sigma)
	}
	out.One, out.OneWeight = a.filled(m.one), a.filled(weights)
	out.Slice, out.Two, out.TwoWeight = m.slice, nil, nil
	for s := range m.two {
		two, weight := m.two[s], make([]float64, d*d)
		m.measured(s, func(p, q int, noise float64) {
			m.each(p, q, func(_, at, mirrored int) {
				weight[at] = reference * reference / (noise * noise)
				weight[mirrored] = weight[at]
			})
		})
		if m.guess != nil && m.slice[s] == -1 {
			two = m.fill(two, weight)
		}
		out.Two = append(out.Two, device.NewMatrix(a.filled(two).Buffer, 0, d, d))
		out.TwoWeight = append(out.TwoWeight, device.NewMatrix(a.filled(weight).Buffer, 0, d, d))
	}
	return &out
}

// fill is two with what is guessed of pairs that have no weight, which get one.
func (m *moments) fill(two, weight []float64) []float64 {
	out := slices.Clone(two)
	for a := range m.layout.Spans {
		for b := range a {
			if m.twoNoise[0][a*len(m.layout.Spans)+b] > 0 {
				continue
			}
			guess := m.guess.pair(a, b)
			m.each(a, b, func(k, at, mirrored int) {
				out[at], out[mirrored] = guess[k], guess[k]
				weight[at], weight[mirrored] = guessWeight, guessWeight
			})
		}
	}
	return out
}

// signal is the mean frequency of the cells measured, in standard deviations of
// their noise.
func (m *moments) signal() float64 {
	sum, cells := 0.0, 0.0
	for s, table := range m.two {
		m.measured(s, func(a, b int, noise float64) {
			m.each(a, b, func(_, at, _ int) {
				sum += table[at] / noise
				cells++
			})
		})
	}
	if cells == 0 {
		return math.Inf(1)
	}
	return sum / cells
}

// shrink draws each pair of columns towards independence by as much as noise may
// explain the difference: a table that says nothing teaches nothing, instead of
// its noise.
func (m *moments) shrink() {
	if m.slice[0] != -1 {
		return
	}
	table := m.two[0]
	m.measured(0, func(a, b int, noise float64) {
		even := independent([][]float64{m.singles(&m.layout.Spans[a]), m.singles(&m.layout.Spans[b])}).pair(0, 1)
		square := 0.0
		m.each(a, b, func(k, at, _ int) { square += (table[at] - even[k]) * (table[at] - even[k]) })
		keep := shrinkage(square, len(even), noise)
		m.each(a, b, func(k, at, mirrored int) {
			table[at] = even[k] + keep*(table[at]-even[k])
			table[mirrored] = table[at]
		})
	})
}

// singles are the shares of the cells of one column.
func (m *moments) singles(span *device.Span) []float64 {
	from, to := span.ModeStart(), span.ModeStart()+span.Modes()
	return shares(m.one[from:to], m.oneNoise[from:to], 1)
}
