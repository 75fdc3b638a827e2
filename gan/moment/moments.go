package moment

import (
	"slices"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/marginal"
)

// frequencies are noisy frequencies over the D cells of a layout, and what is known
// of their noise. Tables are symmetric; 0 where nothing was measured.
type frequencies struct {
	layout     *device.Layout
	one        []float64
	two        [][]float64 // per slice [D·D]
	targetCell []int       // the cell of the target that a slice belongs to, or -1
	// Standard deviations of the noise, of frequencies: of each cell, and, per slice,
	// of the cells of each two of the J columns [J·J], 0 for those not measured.
	oneNoise []float64
	twoNoise [][]float64
	prior    *marginal.NaiveBayes // of pairs that were not measured; nil to leave them open
}

// newFrequencies lays out the tables, pairs of columns (a, b) or triples (a, b,
// target), each with its noise. rows turns counts into frequencies.
func newFrequencies(layout *device.Layout, one [][]float64, oneNoise []float64, tables [][]int, counts [][]float64, rows float64, noise []float64) *frequencies {
	m := &frequencies{layout: layout}
	for _, sigma := range oneNoise {
		m.oneNoise = append(m.oneNoise, sigma/rows)
	}
	for _, column := range one {
		for _, n := range column {
			m.one = append(m.one, n/rows)
		}
	}
	if at := slices.IndexFunc(tables, marginal.IsTriple); at >= 0 {
		span := &layout.Spans[tables[at][2]] // the target
		for v := range span.Modes() {
			m.targetCell = append(m.targetCell, span.Start+v)
		}
	} else {
		m.targetCell = []int{-1}
	}
	for range m.targetCell {
		m.two = append(m.two, make([]float64, layout.Width*layout.Width))
		m.twoNoise = append(m.twoNoise, make([]float64, len(layout.Spans)*len(layout.Spans)))
	}
	for t, columns := range tables {
		m.place(columns, counts[t], rows, noise[t]/rows)
	}
	return m
}

// place enters one table, whose last column runs fastest.
func (m *frequencies) place(columns []int, counts []float64, rows, noise float64) {
	a, b, slices := columns[0], columns[1], len(m.targetCell)
	for v := range slices {
		m.twoNoise[v][a*len(m.layout.Spans)+b], m.twoNoise[v][b*len(m.layout.Spans)+a] = noise, noise
		m.eachCell(a, b, func(k, at, mirrored int) {
			p := counts[k*slices+v] / rows
			m.two[v][at], m.two[v][mirrored] = p, p
		})
	}
}

// eachCell calls do with the places of the cells of two columns in a table, b's running
// fastest.
func (m *frequencies) eachCell(a, b int, do func(k, at, mirrored int)) {
	rows, columns, d, k := &m.layout.Spans[a], &m.layout.Spans[b], m.layout.Width, 0
	for x := rows.Start; x < rows.End(); x++ {
		for y := columns.Start; y < columns.End(); y++ {
			do(k, x*d+y, y*d+x)
			k++
		}
	}
}

// measured calls do for each two columns that slice s tells of.
func (m *frequencies) measured(s int, do func(a, b int, noise float64)) {
	for a := range m.layout.Spans {
		for b := range a {
			if noise := m.twoNoise[s][a*len(m.layout.Spans)+b]; noise > 0 {
				do(a, b, noise)
			}
		}
	}
}

// shrinkToIndependence draws each pair of columns towards independence by as much as noise may
// explain the difference: a table that says nothing teaches nothing, instead of
// its noise.
func (m *frequencies) shrinkToIndependence() {
	if m.targetCell[0] != -1 {
		return
	}
	table := m.two[0]
	m.measured(0, func(a, b int, noise float64) {
		even := marginal.Independent([][]float64{m.oneWay(&m.layout.Spans[a]), m.oneWay(&m.layout.Spans[b])}).Pair(0, 1)
		square := 0.0
		m.eachCell(a, b, func(k, at, _ int) { square += (table[at] - even[k]) * (table[at] - even[k]) })
		keep := marginal.Shrinkage(square, len(even), noise)
		m.eachCell(a, b, func(k, at, mirrored int) {
			table[at] = even[k] + keep*(table[at]-even[k])
			table[mirrored] = table[at]
		})
	})
}

// oneWay are the shares of the cells of one column.
func (m *frequencies) oneWay(span *device.Span) []float64 {
	return marginal.ProjectToSimplex(m.one[span.Start:span.End()], m.oneNoise[span.Start:span.End()], 1)
}
