package moment

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/gan/nets"
)

// minNoise is the noise of the most precise table.
func (m *frequencies) minNoise() float64 {
	least := math.Inf(1)
	for s := range m.two {
		m.measured(s, func(_, _ int, noise float64) { least = math.Min(least, noise) })
	}
	if math.IsInf(least, 1) { // there are no tables but of single columns
		return m.oneNoise[0]
	}
	return least
}

// priorWeight is the weight of a pair that was guessed beside one that was measured.
const priorWeight = 0.1

// targets weighs what m knows by inverse variances, relative to that of the most precise
// table; a table counts in both of its halves.
func (m *frequencies) targets() *nets.Targets {
	d, reference := m.layout.Width, m.minNoise()
	out := &nets.Targets{One: single(m.one), OneWeight: make([]float32, d), Slice: m.targetCell}
	for k, sigma := range m.oneNoise {
		out.OneWeight[k] = float32(2 * reference * reference / (sigma * sigma))
	}
	for s := range m.two {
		two, weight := m.two[s], make([]float32, d*d)
		m.measured(s, func(p, q int, noise float64) {
			m.eachCell(p, q, func(_, at, mirrored int) {
				weight[at] = float32(reference * reference / (noise * noise))
				weight[mirrored] = weight[at]
			})
		})
		if m.prior != nil && m.targetCell[s] == -1 {
			two = m.fill(two, weight)
		}
		out.Two, out.TwoWeight = append(out.Two, single(two)), append(out.TwoWeight, weight)
	}
	return out
}

// single are values in single precision.
func single(values []float64) []float32 {
	out := make([]float32, len(values))
	for k, v := range values {
		out[k] = float32(v)
	}
	return out
}

// fill is two with what is guessed of pairs that have no weight, which get one.
func (m *frequencies) fill(two []float64, weight []float32) []float64 {
	out := slices.Clone(two)
	for a := range m.layout.Spans {
		for b := range a {
			if m.twoNoise[0][a*len(m.layout.Spans)+b] > 0 {
				continue
			}
			guess := m.prior.Pair(a, b)
			m.eachCell(a, b, func(k, at, mirrored int) {
				out[at], out[mirrored] = guess[k], guess[k]
				weight[at], weight[mirrored] = priorWeight, priorWeight
			})
		}
	}
	return out
}
