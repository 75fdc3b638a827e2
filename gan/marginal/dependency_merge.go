package marginal

import "slices"

// merge takes d's target out of the tables. Where it has one value of the source
// only, its tables measure that value a second time, and the mean has half of the
// noise's variance.
func (m *Measurements) merge(d *dependency) {
	of := map[uint32]int{} // cells of the source with a cell of the target
	for _, l := range d.values {
		of[l]++
	}
	for t, table := range m.Tables {
		at := slices.Index(table, d.source)
		if at < 0 || slices.Contains(table, d.target) {
			continue
		}
		other := slices.Clone(table)
		other[at] = d.target
		twin := slices.IndexFunc(m.Tables, func(t []int) bool {
			return len(t) == len(other) && !slices.ContainsFunc(other, func(j int) bool { return !slices.Contains(t, j) })
		})
		if twin >= 0 {
			m.average(t, twin, at, d, of)
		}
	}
	tables, counts, noise := m.Tables, m.Counts, m.Noise
	m.Tables, m.Counts, m.Noise = nil, nil, nil
	for t, table := range tables {
		if !slices.Contains(table, d.target) {
			m.add(table, counts[t], noise[t])
		}
	}
}

// average makes the counts of table t, whose column at is d's source, the mean of
// themselves and those of twin, which has the target instead.
func (m *Measurements) average(t, twin, at int, d *dependency, of map[uint32]int) {
	table, other := m.Tables[t], m.Tables[twin]
	cells := make([]uint32, len(table)) // of the columns of table
	for i := range m.Counts[t] {
		rest := i
		for c := len(table) - 1; c >= 0; c-- {
			size := m.Columns[table[c]].Count
			cells[c], rest = uint32(rest%size), rest/size
		}
		source := cells[at]
		if !d.clear[source] || of[d.values[source]] > 1 {
			continue
		}
		place := 0
		for _, j := range other {
			cell := d.values[source]
			if c := slices.Index(table, j); c >= 0 {
				cell = cells[c]
			}
			place = place*m.Columns[j].Count + int(cell)
		}
		m.Counts[t][i] = (m.Counts[t][i] + m.Counts[twin][place]) / 2
	}
}
