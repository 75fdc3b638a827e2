package marginal

import (
	"math"
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

// WithDependencies is m with what was learned of the tables that are looked at, as tables with counts
// and their noise, in which columns that are functions of others were found, and without
// these; nil if there are none.
func (m *Measurements) WithDependencies(counts [][]float64, noise []float64, domain *tabular.Domain, target int, rows float64) *Measurements {
	out := *m
	out.Tables, out.Columns, out.Found = slices.Clone(m.Looked), slices.Clone(m.Columns), slices.Clone(m.Found)
	out.Counts, out.Noise = counts, noise
	tables := out.Tables // before any leaves
	out.detectDependencies(domain, target, rows)
	if len(out.Found) == len(m.Found) {
		return nil
	}
	out.Looked = slices.DeleteFunc(slices.Clone(out.Looked), func(table []int) bool {
		return slices.ContainsFunc(table, func(j int) bool { return out.Columns[j].Count == 1 })
	})
	out.keepTarget(tables, counts, noise)
	return &out
}

// keepTarget keeps what triples that left told of the target and a column that no other
// table is of, as pairs of the two: that of three columns, if one follows another.
func (m *Measurements) keepTarget(tables [][]int, counts [][]float64, noise []float64) {
	if len(m.Looked) > 0 {
		return
	}
	for t, table := range tables {
		if !IsTriple(table) || m.Columns[table[2]].Count == 1 {
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
