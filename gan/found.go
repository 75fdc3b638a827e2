package gan

import (
	"math"
	"slices"
)

// find looks, once the second-order discriminator is done, for columns that are functions
// of others. What it knows then is a noisy table like one that was bought, so if some are
// found, training goes on from such tables, without those columns, with a generator that
// begins anew.
func (l *training) find() error {
	c, s := l.state, &l.settings
	if !s.Training.DetectDependencies || c.Searched {
		return nil
	}
	values, err := l.allWeights()
	if err != nil {
		return err
	}
	m := *c.Joint
	m.Tables, m.Columns, m.Found = slices.Clone(m.Looked), slices.Clone(m.Columns), slices.Clone(m.Found)
	m.Counts, m.Noise = l.together(values, int(c.PairsSteps))
	tables, counts, noise := m.Tables, m.Counts, m.Noise // before any leaves
	m.detect(s.Domain, s.target(), float64(c.Rows))
	c.Searched = true
	if len(m.Found) == len(c.Joint.Found) {
		return nil
	}
	m.Looked = slices.DeleteFunc(slices.Clone(m.Looked), func(table []int) bool {
		return slices.ContainsFunc(table, func(j int) bool { return m.Columns[j].Count == 1 })
	})
	m.keepTarget(tables, counts, noise)
	if err := l.close(); err != nil {
		return err
	}
	c.Joint, c.Told, c.Atoms, c.GeneratorSteps = &m, true, nil, 0
	l.lay()
	return l.build(nil)
}

// keepTarget keeps what triples that left told of the target and a column that no other
// table is of, as pairs of the two: that of three columns, if one follows another.
func (m *joint) keepTarget(tables [][]int, counts [][]float64, noise []float64) {
	if len(m.Looked) > 0 {
		return
	}
	for t, table := range tables {
		if !isTriple(table) || m.Columns[table[2]].Count == 1 {
			continue
		}
		slices, widths := m.Columns[table[2]].Count, [2]int{}
		for side, j := range table[:2] {
			widths[side] = m.Columns[j].Count
		}
		for side, j := range table[:2] {
			if widths[side] == 1 || widths[1-side] != 1 {
				continue
			}
			pair, across := make([]float64, widths[side]*slices), len(counts[t])/widths[side]/slices
			for k, n := range counts[t] {
				cell := k / slices / across
				if side == 1 {
					cell = k / slices % widths[side]
				}
				pair[cell*slices+k%slices] += n
			}
			m.Looked = append(m.Looked, []int{j, table[2]})
			m.add([]int{j, table[2]}, pair, noise[t]*math.Sqrt(float64(across)))
		}
	}
}
