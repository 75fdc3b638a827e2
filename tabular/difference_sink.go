package tabular

import "slices"

// differenceSink tells rows to a gate by their distances.
type differenceSink struct {
	to      Sink
	derived []Difference
	columns [][]uint32 // those derived are buffers
}

// NewDifferenceSink tells rows to another sink by the distances of the columns derived.
func NewDifferenceSink(to Sink, derived []Difference) Sink {
	if len(derived) == 0 {
		return to
	}
	return &differenceSink{to: to, derived: derived}
}

// Append implements Sink.
func (s *differenceSink) Append(columns [][]uint32) error {
	buffers := s.columns
	s.columns = slices.Clone(columns)
	for _, d := range s.derived {
		if d.Base >= len(columns) || d.Target >= len(columns) || len(columns[d.Base]) != len(columns[d.Target]) {
			return s.to.Append(columns) // which says what is wrong
		}
		var codes []uint32
		if buffers != nil {
			codes = buffers[d.Target][:0]
		}
		for i, base := range columns[d.Base] {
			codes = append(codes, d.Distance(base, columns[d.Target][i]))
		}
		s.columns[d.Target] = codes
	}
	return s.to.Append(s.columns)
}

// RestoreDifferences turns the distances of columns back, in place.
func RestoreDifferences(derived []Difference, columns [][]uint32) {
	for k := range derived {
		d := &derived[k]
		base, target := columns[d.Base], columns[d.Target]
		for i := range target {
			target[i] = d.Restore(base[i], target[i])
		}
	}
}
