package gan

import (
	"math"
	"sort"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Marginals are the paid 1-way tables, and all that is made of them: how each
// column is cut into modes, and how often each mode occurs. What is computed
// from them costs nothing more.
type Marginals struct {
	Encodings []tabular.Encoding `json:"encodings"`
	// Shares[j][k] is the share of rows in mode k of column j.
	Shares [][]float64 `json:"shares"`
	// NoiseMultiplier is the standard deviation of the noise on each count.
	NoiseMultiplier float64 `json:"noise_multiplier"`
}

// maxConditionModes is the most values of a column that rows are conditioned on.
// A wider one would be asked for too rarely to be learned, and the weights
// between its cells in the condition and those of all heads grow with its square.
const maxConditionModes = 100

// measure pays for the 1-way tables over the public bins, moves them towards the
// public shares that rules declare, and cuts the columns.
func measure(gate *dpsgd.Gate, codec *tabular.Codec, rules *tabular.Rules, noise float64, maxModes int) (*Marginals, error) {
	cells := make([]dpsgd.Cells, len(codec.Learned()))
	of := make([]int, len(cells))
	for j := range cells {
		cells[j], of[j] = dpsgd.EachBin(codec.FineEdges(j)), j
	}
	tables, err := gate.Histograms(of, cells, noise, dpsgd.TablesEvent(0, 0))
	if err != nil {
		return nil, err
	}
	m, public, total := &Marginals{NoiseMultiplier: noise}, publicMarginals(rules), float64(gate.RowCount())
	for j, table := range tables {
		if p := public[j]; p != nil {
			table = withPublic(table, cells[j].Edges, noise, total, p)
		}
		encoding, counts := codec.Encoding(j, codec.FineEdges(j), table, noise, maxModes)
		encoding.Conditional = encoding.Conditional && len(counts) <= maxConditionModes
		m.Encodings = append(m.Encodings, encoding)
		m.Shares = append(m.Shares, shares(counts, nil, total))
	}
	return m, nil
}

// shares projects noisy counts onto the simplex of non-negative counts with sum
// total: max(cₖ - τ·noiseₖ², 0) with the one τ that fits, the nearest point in the
// metric of the noise, or, if noise is nil and so the same for all, in L2 (Duchi
// et al. 2008). Cutting at zero alone would give rare modes too much.
func shares(counts, noise []float64, total float64) []float64 {
	variance := func(k int) float64 {
		if noise == nil {
			return 1
		}
		return noise[k] * noise[k]
	}
	order := make([]int, len(counts)) // by the τ at which a count reaches zero
	for k := range order {
		order[k] = k
	}
	sort.Slice(order, func(a, b int) bool {
		x, y := order[a], order[b]
		return counts[x]*variance(y) > counts[y]*variance(x)
	})
	sum, variances, tau := 0.0, 0.0, 0.0
	for _, k := range order {
		sum += counts[k]
		variances += variance(k)
		if t := (sum - total) / variances; counts[k] > t*variance(k) {
			tau = t
		}
	}
	out := make([]float64, len(counts))
	for k, c := range counts {
		out[k] = math.Max(c-tau*variance(k), 0) / total
	}
	return out
}

// layout places the columns' spans side by side, and the conditioned ones in the
// condition vector.
func (m *Marginals) layout() *device.Layout {
	l := &device.Layout{}
	for j, e := range m.Encodings {
		span := device.Span{Column: j, Start: l.Width, Offset: e.Offset, Edges: e.Edges, Condition: -1}
		l.Width = span.ModeStart() + span.Modes()
		if e.Conditional {
			span.Condition = l.ConditionWidth
			l.ConditionWidth += span.Modes()
		}
		l.Spans = append(l.Spans, span)
	}
	return l
}

// cumulative is, for each conditioned span in turn, the running sum of its shares.
func (m *Marginals) cumulative() []float32 {
	var out []float32
	for j, e := range m.Encodings {
		if !e.Conditional {
			continue
		}
		sum := 0.0
		for _, p := range m.Shares[j] {
			sum += p
			out = append(out, float32(sum))
		}
	}
	return out
}

// headBias is the bias of the heads at which the generator draws each column by
// its shares: their logarithm. Modes that the noise hides keep a floor of 0.3
// standard deviations, but all floors together at most 1 % of the rows.
func (m *Marginals) headBias(layout *device.Layout, rows float64) []float32 {
	bias := make([]float32, layout.Width)
	for j := range layout.Spans {
		span := &layout.Spans[j]
		floor := math.Min(0.3*m.NoiseMultiplier/rows, 0.01/float64(span.Modes()))
		for k, p := range m.Shares[j] {
			bias[span.ModeStart()+k] = float32(math.Log(math.Max(p, floor)))
		}
	}
	return bias
}
