package marginal

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// codedTables are noisy joint tables of rows whose name is a function of their
// code, but for a share of rows that have any name; group, sex and outcome are
// not, though sex leans on group, and rare is nearly always the same.
func codedTables(t *testing.T, rows int, stray, noise float64, triples bool, seed uint64) (*tabular.Codec, *Measurements) {
	t.Helper()
	values := []string{"a", "b", "c", "d", "e", "f"}
	schema := tabular.Schema{Columns: []tabular.Column{
		{Name: "name", Type: tabular.Categorical, Values: values},
		{Name: "code", Type: tabular.Integer, Bounds: []any{1, 6}},
		{Name: "group", Type: tabular.Categorical, Values: values[:4]},
		{Name: "sex", Type: tabular.Categorical, Values: values[:2]},
		{Name: "rare", Type: tabular.Boolean},
		{Name: "outcome", Type: tabular.Boolean},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 7))
	m := &Measurements{OneWayNoise: noise}
	all := make([]int, 6)
	for j := range all {
		all[j] = j
		c := Binning{Cells: dpsgd.EachBin(codec.FineEdges(j)), Within: slices.Repeat([]float64{1}, int(codec.Size(j)))}
		c.Shares, c.Noise = make([]float64, c.Count), slices.Repeat([]float64{noise}, c.Count)
		m.Columns = append(m.Columns, c)
	}
	if m.Tables = pairsOf(all); triples {
		m.Tables = triplesOf(all, 5)
	}
	for _, table := range m.Tables {
		size := 1
		for _, j := range table {
			size *= m.Columns[j].Count
		}
		m.Counts, m.Noise = append(m.Counts, make([]float64, size)), append(m.Noise, noise)
	}
	for range rows {
		code := min(random.IntN(6), random.IntN(6))
		row := []int{(code*5 + 2) % 6, code, random.IntN(4), 0, 0, random.IntN(2)}
		if random.Float64() < stray {
			row[0] = random.IntN(6)
		}
		if row[3] = row[2] / 2; random.Float64() < 0.2 {
			row[3] = random.IntN(2)
		}
		if random.Float64() < 0.03 {
			row[4] = 1
		}
		for j, cell := range row {
			m.Columns[j].Shares[cell] += 1 / float64(rows)
		}
		for k, table := range m.Tables {
			at := 0
			for _, j := range table {
				at = at*m.Columns[j].Count + row[j]
			}
			m.Counts[k][at]++
		}
	}
	for _, counts := range m.Counts {
		for i := range counts {
			counts[i] += noise * random.NormFloat64()
		}
	}
	return codec, m
}

// A function is found where the noise lets it be seen, with its map and in the
// direction of the ordered column; a leaning, a rare value or noise is none.
func TestDetect(t *testing.T) {
	for name, test := range map[string]struct {
		stray, noise float64
		triples      bool
		want         int
	}{
		"too few rows":          {0, .001, false, 0},
		"a function in pairs":   {0, 20, false, 1},
		"a function in triples": {0, 20, true, 1},
		"a tenth is stray":      {.12, 20, false, 0},
		"a few are stray":       {.05, 20, false, 0},
		"loud noise":            {0, 250, false, 0},
		"almost no noise":       {.004, .1, false, 0},
	} {
		for seed := range uint64(20) {
			rows := 20000
			if name == "too few rows" {
				rows = 60
			}
			codec, m := codedTables(t, rows, test.stray, test.noise, test.triples, seed)
			rules, err := codec.CompileRules(nil)
			if err != nil {
				t.Fatal(err)
			}
			target := -1
			if test.triples {
				target = 5
			}
			m.detectDependencies(&tabular.Domain{Codec: codec, Rules: rules}, target, float64(rows))
			if len(m.Found) != test.want {
				t.Fatalf("%s, seed %d: %+v", name, seed, m.Found)
			}
			if test.want == 0 {
				continue
			}
			if f := m.Found[0]; f.Source != "code" || f.Target != "name" || f.Unclear != 0 {
				t.Errorf("%s: %+v", name, f)
			}
			declared, named, err := CompleteRules(rules, m.Found)
			if err != nil || named[0].From != fromTables {
				t.Fatalf("%s: %+v, %v", name, named, err)
			}
			found, err := codec.CompileRules(declared)
			if err != nil {
				t.Fatal(err)
			}
			d := found.Dependencies()[0]
			for code := range uint32(6) {
				if d.Of(code) != (code*5+2)%6 {
					t.Errorf("%s: code %d has name %d", name, code, d.Of(code))
				}
			}
			for k, table := range m.Tables {
				if slices.Contains(table, 0) {
					t.Errorf("%s: table %v is still to be fitted", name, table)
				}
				if len(m.Counts) != len(m.Tables) || len(m.Counts[k])%m.Columns[table[0]].Count != 0 {
					t.Errorf("%s: counts do not go with the tables", name)
				}
			}
			if m.Columns[0].Count != 1 {
				t.Errorf("%s: what is determined is cut into %d cells", name, m.Columns[0].Count)
			}
		}
	}
}

// The two tables of one thing are averaged cell by cell: the noise's variance
// halves, and the counts stay what they are.
func TestDetectAveragesTwins(t *testing.T) {
	for _, triples := range []bool{false, true} {
		const noise = 20.0
		target := -1
		if triples {
			target = 5
		}
		_, exact := codedTables(t, 20000, 0, 0, triples, 3)
		codec, m := codedTables(t, 20000, 0, noise, triples, 3) // the same rows, which are drawn first
		rules, err := codec.CompileRules(nil)
		if err != nil {
			t.Fatal(err)
		}
		m.detectDependencies(&tabular.Domain{Codec: codec, Rules: rules}, target, 20000)
		if len(m.Found) != 1 {
			t.Fatalf("%+v", m.Found)
		}
		square, n := 0.0, 0.0
		for k, table := range m.Tables {
			if !slices.Contains(table, 1) {
				continue
			}
			at := slices.IndexFunc(exact.Tables, func(t []int) bool { return slices.Equal(t, table) })
			for i, count := range m.Counts[k] {
				square += (count - exact.Counts[at][i]) * (count - exact.Counts[at][i])
				n++
			}
		}
		if got := square / n / noise / noise; math.Abs(got-0.5) > 5*0.5*math.Sqrt(2/n) {
			t.Errorf("triples %v: the noise's variance is %.3f of what it was, want a half", triples, got)
		}
	}
}

// Rows, too, must be enough to tell: of 40 in two by two values none is off the map
// by chance more often than is allowed, though there be a tenth that could be.
func TestDetectNeedsRows(t *testing.T) {
	for rows, want := range map[float64]bool{40: false, 4000: true} {
		two := Binning{Cells: dpsgd.EachBin([]uint32{0, 1, 2}), Within: []float64{1, 1}, Shares: []float64{.5, .5}}
		m := &Measurements{Columns: []Binning{two, two}, Tables: [][]int{{0, 1}}, Noise: []float64{0.1}, Counts: [][]float64{{0, rows / 2, rows / 2, 0}}}
		if d, ok := m.testDependency(0, 1, 1, rows); ok != want || d.values[0] != 1 {
			t.Errorf("%v rows: found %v: %+v", rows, ok, d)
		}
	}
}

// Of one row each, all values are a function; and what is unclear of many rows is
// better left.
func TestDetectLeavesTheUnclear(t *testing.T) {
	const rows = 2000
	cells := func(shares []float64) Binning {
		edges, within := []uint32{0}, []float64{}
		for k := range shares {
			edges, within = append(edges, uint32(k)+1), append(within, 1)
		}
		return Binning{Cells: dpsgd.EachBin(edges), Within: within, Shares: shares}
	}
	for name, test := range map[string]struct {
		source []float64
		counts func(k int) []float64
		want   bool
	}{
		"one row each": {slices.Repeat([]float64{1. / rows}, rows), func(k int) []float64 { return []float64{float64(k % 2), float64(1 - k%2)} }, false},
		"1 in 200":     {[]float64{.5, .495, .005}, func(k int) []float64 { return [][]float64{{1000, 0}, {0, 990}, {0, 0}}[k] }, true},
		"3 in 100":     {[]float64{.5, .47, .03}, func(k int) []float64 { return [][]float64{{1000, 0}, {0, 940}, {0, 0}}[k] }, false},
	} {
		m := &Measurements{Columns: []Binning{cells(test.source), cells([]float64{.5, .5})}, Tables: [][]int{{0, 1}}, Noise: []float64{0.1}, Counts: make([][]float64, 1)}
		for k := range test.source {
			m.Counts[0] = append(m.Counts[0], test.counts(k)...)
		}
		if _, ok := m.testDependency(0, 1, 1, rows); ok != test.want {
			t.Errorf("%s: found %v", name, ok)
		}
	}
}

// What rules say of a column keeps it from being taken out, and a function that
// contradicts them is none.
func TestDetectHeedsRules(t *testing.T) {
	for name, rule := range map[string]tabular.Rule{
		"public shares":   {Marginal: "name", Shares: tabular.Shares{{Name: "a", Share: .1}}, Confidence: 10},
		"a contradiction": {If: tabular.Terms{{Name: "code", Values: []string{"1"}}}, Then: tabular.Terms{{Name: "name", Values: []string{"a"}}}},
	} {
		codec, m := codedTables(t, 20000, 0, 20, false, 1)
		rules, err := codec.CompileRules([]tabular.Rule{rule})
		if err != nil {
			t.Fatal(err)
		}
		m.detectDependencies(&tabular.Domain{Codec: codec, Rules: rules}, -1, 20000)
		if slices.ContainsFunc(m.Found, func(f DependencyMap) bool { return f.Target == "name" }) {
			t.Errorf("%s: %+v", name, m.Found)
		}
	}
}
