package gan

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// A model of pure mode meets a condition on one listed column by its generator's
// condition vector, all others by rejection.

// Rejection ends when this many rows were drawn and fewer than this share of them
// met the conditions.
const (
	rejectedRows = 1 << 20
	leastRate    = 1e-4
)

// newGeneratedSampler prepares to draw rows from a model of pure mode.
func newGeneratedSampler(dev device.Device, m *Model, config SampleConfig) (*Sampler, error) {
	g, b, err := newGeneratedWhere(dev, m, config)
	if err != nil {
		return nil, err
	}
	s := &Sampler{left: config.Rows, draw: g.draw, probability: func() float64 { return 1 }}
	if len(g.conditions) > 0 {
		s.draw, s.probability = g.next, g.probability
	}
	if b != nil {
		s.absent = b.absent
	}
	return s, nil
}

// generatedWhere draws rows of a model of pure mode that meet conditions, and says
// how probable those are, by the rows drawn so far.
type generatedWhere struct {
	draw           func() ([][]uint32, error)
	conditions     []condition
	steered        float64 // probability of what the condition vector names
	drawn, matched int
}

func newGeneratedWhere(dev device.Device, m *Model, config SampleConfig) (*generatedWhere, *balance, error) {
	conditions, err := parseConditions(m.codec, config.Where)
	if err != nil {
		return nil, nil, err
	}
	g := &generatedWhere{conditions: conditions, steered: 1}
	var b *balance
	var steer func(*generations)
	if config.Balance != "" {
		if b, err = m.generatedBalance(config.Balance, conditions); err != nil {
			return nil, nil, err
		}
		steer = steering(m, b.column, wantedShares(len(m.marginals.Shares[b.column]), b.values))
	} else if j, p, err := m.steeredColumn(conditions); err != nil {
		return nil, nil, err
	} else if j >= 0 {
		g.steered = p
		shares := make([]float64, len(m.marginals.Shares[j]))
		for code, share := range m.marginals.Shares[j] {
			for _, c := range conditions {
				if c.column == j && c.codes.Has(uint32(code)) {
					shares[code] = share
				}
			}
		}
		steer = steering(m, j, shares)
	}
	g.draw, err = generatedRows(dev, m, config, steer)
	return g, b, err
}

// steeredColumn is the rarest condition that the condition vector can name, and
// its probability; -1 without one.
func (m *Model) steeredColumn(conditions []condition) (column int, probability float64, err error) {
	column, probability = -1, 1
	for _, c := range conditions {
		if !m.marginals.Encodings[c.column].Conditional {
			continue
		}
		sum := 0.0
		for code, share := range m.marginals.Shares[c.column] {
			if c.codes.Has(uint32(code)) {
				sum += share
			}
		}
		if sum < leastProbability {
			return -1, 0, improbable(m.codec, c, sum)
		}
		if column < 0 || sum < probability {
			column, probability = c.column, sum
		}
	}
	return column, probability, nil
}

// generatedBalance is the balance of a column that the condition vector can name.
func (m *Model) generatedBalance(name string, conditions []condition) (*balance, error) {
	b, err := newBalance(m.codec, name, conditions)
	if err != nil {
		return nil, err
	}
	for _, c := range conditions {
		if c.column != b.column {
			return nil, &ConditionError{"balance", name, fmt.Sprintf(
				"the model is of pure mode, which does not combine it with %s: rows that are rejected would unbalance it; drop one of the two", c.text)}
		}
	}
	if !m.marginals.Encodings[b.column].Conditional {
		return nil, &ConditionError{"balance", name, fmt.Sprintf(
			"has more than %d values, and the model is of pure mode, whose condition vector holds no more", maxConditionModes)}
	}
	return b, b.keep(m.codec, func(code uint32) float64 { return m.marginals.Shares[b.column][code] })
}

// wantedShares gives the codes that are wanted of n the same share.
func wantedShares(n int, codes []uint32) []float64 {
	shares := make([]float64, n)
	for _, code := range codes {
		shares[code] = 1
	}
	return shares
}

// steering makes all conditions name column j, and its values by shares.
func steering(m *Model, j int, shares []float64) func(*generations) {
	return func(g *generations) {
		layout := *g.generator.layout
		layout.Spans = append([]device.Span(nil), layout.Spans...)
		for k := range layout.Spans {
			if k != j {
				layout.Spans[k].Condition = -1
			}
		}
		g.generator.layout = &layout
		cumulative, sum, last := m.marginals.cumulative(), 0.0, 0
		for k, share := range shares {
			sum += share
			if share > 0 {
				last = k
			}
		}
		running := 0.0
		for k, share := range shares {
			running += share
			cumulative[layout.Spans[j].Condition+k] = float32(running / sum)
			if k >= last {
				cumulative[layout.Spans[j].Condition+k] = 1
			}
		}
		g.dev.Upload(g.cumulative.Buffer, 0, cumulative)
	}
}

// next is at least one row that meets the conditions.
func (g *generatedWhere) next() ([][]uint32, error) {
	for {
		columns, err := g.draw()
		if err != nil {
			return nil, err
		}
		kept := make([][]uint32, len(columns))
		for i := range columns[0] {
			if !meets(g.conditions, columns, i) {
				continue
			}
			for j := range kept {
				kept[j] = append(kept[j], columns[j][i])
			}
		}
		g.drawn += len(columns[0])
		g.matched += len(kept[0])
		if rate := float64(g.matched) / float64(g.drawn); g.drawn >= rejectedRows && rate < leastRate {
			return nil, &ConditionError{"where", g.conditions[0].text, fmt.Sprintf(
				"the model is of pure mode, which rejects rows that do not meet the conditions: %d of %d rows met them; widen them, or train in another mode", g.matched, g.drawn)}
		}
		if len(kept[0]) > 0 {
			return kept, nil
		}
	}
}

func meets(conditions []condition, columns [][]uint32, row int) bool {
	for _, c := range conditions {
		if !c.codes.Has(columns[c.column][row]) {
			return false
		}
	}
	return true
}

// probability estimates that of the conditions.
func (g *generatedWhere) probability() float64 {
	if g.drawn == 0 {
		return math.NaN()
	}
	return g.steered * float64(g.matched) / float64(g.drawn)
}
