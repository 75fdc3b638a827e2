package marginal

import (
	"cmp"
	"math"
	"slices"

	"github.com/dpgan/dpgan/tabular"
	"gonum.org/v1/gonum/stat/distuv"
)

// Whether a column is a function of another shows in the joint tables: beside each
// value of the source all counts but one are noise. If the tables are precise
// enough to tell, the column is taken out of the fit and restored by the map.
// This is post-processing: it costs nothing, and is as private as the tables.
//
// Let n(k, l) be the noisy counts, of noise σ each, f(k) the cell with the largest
// count beside k, and x(k, l) the count that would be expected if the columns were
// independent. The share ρ of rows that keep to no function is estimated by
//
//	ρ = Σ n x / Σ x²,  over l ≠ f(k),
//
// of variance s₀² = σ²/Σ x² if there are none, s² = s₀² + ρ Σ x³/(Σ x²)² else (Poisson
// counts). The column is taken for a function if ρ ≤ detectSigmas·s₀, no count off
// the map stands out, and ρ + z·s ≤ detectShare, with s at that share. z is such that
// as large a share or a larger one would pass for any of all pairs of columns with
// a probability below detectError. So nothing is found where z·s exceeds
// detectShare: rows and noise decide whether there is power to find anything.
const (
	detectShare  = 0.1
	detectError  = 1e-3
	detectSigmas = 2.5
	// detectRows is how many rows a cell of the source must have to tell anything: of
	// one row all values are a function.
	detectRows = 20
	// detectUnclear is the most of the rows that may be beside values of the source
	// whose value of the target is unclear.
	detectUnclear = 0.01
)

// fromTables is where a dependency comes from that nobody declared.
const fromTables = "found in the noisy tables, not declared"

// dependency is a column that seems to be a function of another.
type dependency struct {
	source, target int
	values         []uint32 // cell of the target for each cell of the source
	clear          []bool
	unclear        int
	ordered        bool // the source
	bound          float64
}

// detectDependencies looks for dependencies that nobody declared and takes what they determine
// out of m. Rules that would contradict those declared are none.
func (m *Measurements) detectDependencies(domain *tabular.Domain, target int, rows float64) {
	measured := &tabular.Domain{Codec: domain.Measured(), Rules: domain.Rules}
	var found []dependency
	candidates := m.candidates(measured, target)
	for _, c := range candidates {
		if d, ok := m.testDependency(c[0], c[1], len(candidates), rows); ok {
			d.ordered = measured.Ordered(d.source)
			found = append(found, d)
		}
	}
	slices.SortStableFunc(found, func(a, b dependency) int {
		if a.ordered != b.ordered {
			return map[bool]int{true: -1, false: 1}[a.ordered]
		}
		return cmp.Compare(a.bound, b.bound)
	})
	sources, targets := map[int]bool{}, map[int]bool{}
	for _, d := range found {
		if targets[d.source] || targets[d.target] || sources[d.target] {
			continue
		}
		next := append(slices.Clone(m.Found), m.named(measured, &d))
		if declared, _, err := CompleteRules(measured.Rules, next); err != nil || !compiles(measured.Codec, declared) {
			continue
		}
		m.Found = next
		m.merge(&d)
		m.Columns[d.target] = derivedBinning(measured.Size(d.target), m.OneWayNoise)
		sources[d.source], targets[d.target] = true, true
	}
}

func compiles(codec *tabular.Codec, declared []tabular.Rule) bool {
	_, err := codec.CompileRules(declared)
	return err == nil
}

// candidates are the pairs of columns that share a table, source first. Left out
// are the target of predictions, columns that stand for a distance, and, as
// targets, numbers of many values, columns of public shares, and those from which
// another's distance is measured.
func (m *Measurements) candidates(domain *tabular.Domain, target int) (out [][2]int) {
	usable := func(j int) bool {
		return j != target && tabular.DifferenceOf(m.Differences, j) == nil && m.Columns[j].Count > 1
	}
	for _, table := range m.Tables {
		for _, c := range [][2]int{{table[0], table[1]}, {table[1], table[0]}} {
			kept := slices.ContainsFunc(domain.Rules.Marginals(), func(p tabular.Marginal) bool { return p.Column == c[1] })
			few := len(domain.FineEdges(c[1]))-1 == int(domain.Size(c[1]))
			kept = kept || slices.ContainsFunc(m.Differences, func(d tabular.Difference) bool { return d.Base == c[1] })
			if usable(c[0]) && usable(c[1]) && few && !kept {
				out = append(out, c)
			}
		}
	}
	return out
}

// pairCounts is the noisy table of two columns, [source cells, target cells], and
// the noise on a count.
func (m *Measurements) pairCounts(source, target int) (counts []float64, noise float64) {
	at := slices.IndexFunc(m.Tables, func(t []int) bool { return slices.Contains(t[:2], source) && slices.Contains(t[:2], target) })
	table, k, l := m.Tables[at], m.Columns[source].Count, m.Columns[target].Count
	slices := len(m.Counts[at]) / k / l
	counts = make([]float64, k*l)
	for i := range m.Counts[at] {
		first, second := i/slices/m.Columns[table[1]].Count, i/slices%m.Columns[table[1]].Count
		if table[0] != source {
			first, second = second, first
		}
		counts[first*l+second] += m.Counts[at][i]
	}
	return counts, m.Noise[at] * math.Sqrt(float64(slices))
}

// testDependency tests whether target seems to be a function of source, as one of so many
// candidates.
func (m *Measurements) testDependency(source, target, candidates int, rows float64) (d dependency, ok bool) {
	counts, noise := m.pairCounts(source, target)
	k, l := &m.Columns[source], &m.Columns[target]
	bar := noise * distuv.UnitNormal.Quantile(1-blurred/float64(l.Count))
	loud := noise * distuv.UnitNormal.Quantile(1-detectError/float64(candidates*len(counts)))
	d = dependency{source: source, target: target, clear: make([]bool, k.Count)}
	above, square, cube, unclear := 0.0, 0.0, 0.0, 0.0
	for c := range k.Count {
		row, best := counts[c*l.Count:(c+1)*l.Count], 0
		for i, n := range row {
			if n > row[best] {
				best = i
			}
		}
		d.values = append(d.values, uint32(best))
		if d.clear[c] = row[best] >= math.Max(bar, detectRows) && l.codes(best) == 1; !d.clear[c] {
			unclear += k.Shares[c]
			d.unclear++
			continue
		}
		for i, n := range row {
			if i == best {
				continue
			}
			if n > loud {
				return d, false
			}
			x := rows * k.Shares[c] * l.Shares[i]
			above, square, cube = above+n*x, square+x*x, cube+x*x*x
		}
	}
	share, none := above/square, noise/math.Sqrt(square)
	deviation := math.Sqrt(none*none + detectShare*cube/square/square)
	d.bound = share + deviation*distuv.UnitNormal.Quantile(1-detectError/float64(candidates))
	return d, unclear <= detectUnclear && share <= detectSigmas*none && d.bound <= detectShare
}

// codes is the number of codes in a cell.
func (c *Binning) codes(cell int) (n uint32) {
	for b, k := range c.Index {
		if int(k) == cell {
			n += c.Edges[b+1] - c.Edges[b]
		}
	}
	return n
}

// likeliest is the code of a cell that is the most probable.
func (c *Binning) likeliest(cell uint32) uint32 {
	best, density := uint32(0), -1.0
	for b, k := range c.Index {
		if p := c.Within[b] / float64(c.Edges[b+1]-c.Edges[b]); k == cell && p > density {
			best, density = c.Edges[b], p
		}
	}
	return best
}

// named is d as a rule.
func (m *Measurements) named(domain *tabular.Domain, d *dependency) DependencyMap {
	k := &m.Columns[d.source]
	values := make([]uint32, len(k.Index))
	for b, cell := range k.Index {
		values[b] = m.Columns[d.target].likeliest(d.values[cell])
	}
	return DependencyMap{Place: -1, Source: domain.Name(d.source), Target: domain.Name(d.target),
		Map: domain.Rules.Map(d.source, d.target, k.Edges, values), Unclear: d.unclear}
}
