package marginal

import (
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Measure pays for the tables of single columns, cuts the columns by them,
// and pays for the joint tables.
func Measure(gate *dpsgd.Gate, domain *tabular.Domain, s *Plan) (*Measurements, error) {
	m := &Measurements{Differences: s.Differences, Target: -1, OneWayNoise: s.of(OneWay).Noise, TablesNoise: s.of(JointTables).Noise}
	var err error
	if m.Columns, err = measureOneWay(gate, domain, s); err != nil {
		return nil, err
	}
	if len(s.Candidates) > 0 {
		err = m.measureSelected(gate, s)
	} else {
		m.Looked = s.Joint
		if joint := s.of(JointTables); joint.Share > 0 {
			err = m.measure(gate, s.Joint, *joint)
		}
	}
	if err != nil {
		return nil, err
	}
	unmapped := *s.of(JointTables)
	unmapped.Noise = m.TablesNoise
	if m.Found, err = measureMaps(gate, domain, unmapped); err != nil {
		return nil, err
	}
	return m, nil
}
