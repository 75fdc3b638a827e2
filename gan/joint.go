package gan

import (
	"math"

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
func measureJoint(gate *dpsgd.Gate, codec *tabular.Codec, s *Stages) (*joint, error) {
	columns := len(codec.Learned())
	m := &joint{Tables: s.Joint, OneWayNoise: s.Calibration.OneWayNoise, TablesNoise: s.Calibration.TablesNoise}
	found, counts, err := measureSingles(gate, codec, s)
	if err != nil {
		return nil, err
	}
	total := float64(gate.RowCount())
	cells := make([]dpsgd.Cells, columns)
	for j := range columns {
		m.Columns = append(m.Columns, cutColumn(codec, j, counts[j], found[j], m.OneWayNoise, total, s.Intervals))
		cells[j] = m.Columns[j].Cells
	}
	if len(s.Joint) > 0 {
		m.Counts, err = gate.Tables(cells, s.Joint, m.TablesNoise, dpsgd.JointTablesEvent(0, 0))
	}
	return m, err
}

// measureSingles releases the 1-way tables over the public bins, and the spikes
// found in the tables of all values, as one event.
func measureSingles(gate *dpsgd.Gate, codec *tabular.Codec, s *Stages) (found [][]spike, counts [][]float64, err error) {
	columns := len(codec.Learned())
	edges := make([][]uint32, columns, columns+len(s.Spiky))
	of := make([]int, columns, columns+len(s.Spiky))
	for j := range edges {
		edges[j], of[j] = codec.FineEdges(j), j
	}
	for _, j := range s.Spiky {
		all := make([]uint32, codec.Size(j)+1)
		for code := range all {
			all[code] = uint32(code)
		}
		edges, of = append(edges, all), append(of, j)
	}
	tables, err := gate.Histograms(of, edges, s.Calibration.OneWayNoise)
	if err != nil {
		return nil, nil, err
	}
	found = make([][]spike, columns)
	for k, j := range s.Spiky {
		found[j] = findSpikes(edges[j], tables[columns+k], s.Calibration.OneWayNoise)
	}
	return found, tables[:columns], nil
}

// moments lays out the tables over layout, for rows rows.
func (m *joint) moments(target int, rows float64) *moments {
	one := make([][]float64, len(m.Columns))
	for j, c := range m.Columns {
		for _, p := range c.Shares {
			one[j] = append(one[j], p*rows)
		}
	}
	return newMoments(cellLayout(m.Columns), one, m.Tables, m.Counts, target, rows, m.OneWayNoise, m.TablesNoise)
}

// headBias is the bias of the heads at which each atom draws each column by its
// shares; cells that the noise hides keep a floor of 0.3 standard deviations.
func (m *joint) headBias(rows float64) []float32 {
	var bias []float32
	for j := range m.Columns {
		floor := math.Min(0.3*m.OneWayNoise/rows, 0.01/float64(m.Columns[j].Count))
		for _, p := range m.Columns[j].Shares {
			bias = append(bias, float32(math.Log(math.Max(p, floor))))
		}
	}
	return bias
}
