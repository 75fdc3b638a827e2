package gan

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// joint are the paid tables of the marginal stage, released as they are, and how
// columns were cut for them.
type joint struct {
	Columns     []Column    `json:"columns"`
	Tables      [][]int     `json:"tables"`
	Counts      [][]float64 `json:"counts"`
	OneWayNoise float64     `json:"one_way_noise"`
	TablesNoise float64     `json:"tables_noise"`
}

// measureJoint pays for the 1-way tables and those of all values, cuts the
// columns by them, and pays for the joint tables.
func measureJoint(gate *dpsgd.Gate, codec *tabular.Codec, rules *tabular.Rules, s *Stages) (*joint, error) {
	m := &joint{Tables: s.Joint, OneWayNoise: s.Calibration.OneWayNoise, TablesNoise: s.Calibration.TablesNoise}
	singles, err := measureSingles(gate, codec, s)
	if err != nil {
		return nil, err
	}
	total := float64(gate.RowCount())
	for _, public := range rules.Marginals() {
		if c := &singles[public.Column]; c.counts != nil {
			c.counts = withPublic(c.counts, codec.FineEdges(public.Column), c.noise, total, &public)
		}
	}
	cells := make([]dpsgd.Cells, len(singles))
	for j, c := range singles {
		if c.counts == nil {
			m.Columns = append(m.Columns, following(codec.Size(j), m.OneWayNoise))
		} else {
			m.Columns = append(m.Columns, cutColumn(codec, j, c.counts, c.found, c.noise, total, s.Intervals))
		}
		cells[j] = m.Columns[j].Cells
	}
	if len(s.Joint) > 0 {
		m.Counts, err = gate.Tables(cells, s.Joint, m.TablesNoise, dpsgd.JointTablesEvent(0, 0))
	}
	return m, err
}

// single is what was paid for of one column: noisy counts over its fine bins
// (nil: it was not measured), their noise, and the spikes found.
type single struct {
	counts []float64
	noise  float64
	found  []spike
}

// following is a column that a rule fills in: one cell, of which any code is drawn.
func following(size uint32, noise float64) Column {
	return Column{Cells: dpsgd.Cells{Edges: []uint32{0, size}, Index: []uint32{0}, Count: 1},
		Within: []float64{1}, Shares: []float64{1}, Noise: []float64{noise}}
}

// measureSingles releases, as one event, the 1-way tables of the measured columns
// over their public bins, and the tables of all values, in which it finds spikes.
func measureSingles(gate *dpsgd.Gate, codec *tabular.Codec, s *Stages) ([]single, error) {
	var edges [][]uint32
	joined := make([]groups, len(s.Measured))
	for k, j := range s.Measured {
		joined[k] = group(codec, j, s.Bins)
		edges = append(edges, joined[k].edges)
	}
	for _, j := range s.Spiky {
		all := make([]uint32, codec.Size(j)+1)
		for code := range all {
			all[code] = uint32(code)
		}
		edges = append(edges, all)
	}
	noise := s.Calibration.OneWayNoise
	tables, err := gate.Histograms(slices.Concat(s.Measured, s.Spiky), edges, noise)
	if err != nil {
		return nil, err
	}
	singles := make([]single, len(codec.Learned()))
	for k, j := range s.Measured {
		singles[j] = single{counts: joined[k].spread(tables[k]), noise: joined[k].fineNoise(noise)}
	}
	for k, j := range s.Spiky {
		singles[j].found = findSpikes(codec.FineEdges(j), tables[len(s.Measured)+k], noise)
	}
	return singles, nil
}

// moments lays out the tables, for rows rows.
func (m *joint) moments(rows float64) *moments {
	one, noise := make([][]float64, len(m.Columns)), []float64{}
	for j, c := range m.Columns {
		for k, p := range c.Shares {
			one[j] = append(one[j], p*rows)
			noise = append(noise, c.Noise[k])
		}
	}
	return newMoments(cellLayout(m.Columns), one, noise, m.Tables, m.Counts, rows, m.TablesNoise)
}

// headBias is the bias of the heads at which each atom draws each column by its
// shares; cells that the noise hides keep a floor of 0.3 standard deviations.
func (m *joint) headBias(rows float64) []float32 {
	var bias []float32
	for j := range m.Columns {
		for k, p := range m.Columns[j].Shares {
			floor := math.Min(0.3*m.Columns[j].Noise[k]/rows, 0.01/float64(m.Columns[j].Count))
			bias = append(bias, float32(math.Log(math.Max(p, floor))))
		}
	}
	return bias
}
