package sample

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// smallMixture is a model of three atoms whose columns are cut unevenly: age
// (0 … 9) into runs of codes with a spike at 8, sex into its values, ward into A
// and, in one cell, the rare B, C, X, and missing.
func smallMixture(t testing.TB) *generator {
	t.Helper()
	schema := tabular.Schema{Missing: []string{"NA", ""}, Columns: []tabular.Column{
		{Name: "id", Type: tabular.ID},
		{Name: "age", Type: tabular.Integer, Bounds: []any{0, 9}},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
		{Name: "ward", Type: tabular.Categorical, Values: []string{"A", "B", "C", "X"}, Nullable: true},
		{Name: "cost", Type: tabular.Real, Bounds: []any{0, 100}, Nullable: true},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	columns := []marginal.Binning{
		{Cells: dpsgd.Cells{Edges: []uint32{0, 2, 5, 8, 9, 10}, Index: []uint32{0, 0, 1, 2, 1}, Count: 3}, Within: []float64{0.7, 0.3, 0.6, 1, 0.4}},
		{Cells: dpsgd.EachBin([]uint32{0, 1, 2}), Within: []float64{1, 1}},
		{Cells: dpsgd.Cells{Edges: []uint32{0, 1, 2, 3, 4, 5}, Index: []uint32{0, 1, 1, 1, 1}, Count: 2}, Within: []float64{1, 0.5, 0.2, 0, 0.3}},
		{Cells: dpsgd.Cells{Edges: []uint32{0, 1 << 19, 1 << 20, 1<<20 + 1}, Index: []uint32{0, 1, 2}, Count: 3}, Within: []float64{1, 1, 1}},
	}
	counts := make([]int, len(columns))
	for j := range columns {
		counts[j] = columns[j].Count
		columns[j].Shares = make([]float64, columns[j].Count)
	}
	mix, err := mixture.New([]float32{
		0.5, 0.25, 0.25, 0.9, 0.1, 0.75, 0.25, 0.5, 0.25, 0.25,
		0.125, 0.75, 0.125, 0.25, 0.75, 0.1, 0.9, 0.1, 0.8, 0.1,
		0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.5,
	}, counts)
	if err != nil {
		t.Fatal(err)
	}
	return &generator{domain: tabulartest.Domain(t, codec), columns: columns, mixture: mix}
}

// probability of one row of codes of age, sex and ward, by enumeration.
func (m *generator) probability(atom int, row []uint32) float64 {
	p := 1.0
	for j, code := range row {
		c := &m.columns[j]
		cell, all := c.Cell(code), 0.0
		bin := 0
		for b, k := range c.Index {
			if k == cell {
				all += c.Within[b]
			}
			if c.Edges[b] <= code && code < c.Edges[b+1] {
				bin = b
			}
		}
		p *= m.atom(atom, j)[cell] * c.Within[bin] / all / float64(c.Edges[bin+1]-c.Edges[bin])
	}
	return p
}

// atom is the distribution of column j in one atom.
func (m *generator) atom(i, j int) []float64 {
	return [3][3][]float64{
		{{0.5, 0.25, 0.25}, {0.9, 0.1}, {0.75, 0.25}},
		{{0.125, 0.75, 0.125}, {0.25, 0.75}, {0.1, 0.9}},
		{{0.25, 0.25, 0.5}, {0.5, 0.5}, {0.5, 0.5}},
	}[i][j]
}

// enumerate is the table of age × sex × ward of the rows that meet all conditions,
// and their probability. cost is that of what is known of the cost, by atom.
func enumerate(m *generator, conditions []predicate, cost [3]float64) (table map[[3]uint32]float64, share float64) {
	table = map[[3]uint32]float64{}
	for age := range uint32(10) {
		for sex := range uint32(2) {
			for ward := range uint32(5) {
				row := []uint32{age, sex, ward}
				met := true
				for _, c := range conditions {
					met = met && c.codes.Has(row[c.column])
				}
				for i := 0; met && i < 3; i++ {
					p := cost[i] * m.probability(i, row) / 3
					table[[3]uint32(row)] += p
					share += p
				}
			}
		}
	}
	for row := range table {
		table[row] /= share
	}
	return table, share
}

// anyCost knows nothing of the cost.
var anyCost = [3]float64{1, 1, 1}

// Rows drawn given conditions have the distribution that enumeration gives, and
// none misses a condition. 5 standard deviations: one false alarm in 1e6 a cell.
func TestConditionsAreExact(t *testing.T) {
	m := smallMixture(t)
	for _, where := range [][]string{
		nil,
		{"age=3..8"},
		{"age=..1|4|9", "sex=F"},
		{"ward=B|missing", "age=5.."},
		{"ward=not missing", "sex=M", "age=2..6", "age=4.."},
	} {
		conditions, err := parsePredicates(m.domain.Codec, where)
		if err != nil {
			t.Fatal(err)
		}
		want, share := enumerate(m, conditions, anyCost)
		const n = 60000
		columns, s := sampleOpen(t, m, Config{Rows: n, Seed: 1, Where: where, Refine: RefineNone})
		if math.Abs(s.Probability()-share) > 1e-6 {
			t.Errorf("%v: probability %g, want %g", where, s.Probability(), share)
		}
		got := map[[3]uint32]float64{}
		for i := range columns[0] {
			got[[3]uint32{columns[0][i], columns[1][i], columns[2][i]}]++
		}
		for row, count := range got {
			if p := want[row]; p == 0 || math.Abs(count-n*p) > 5*math.Sqrt(n*p)+1 {
				t.Errorf("%v: row %v occurs %v times, want %v", where, row, count, n*p)
			}
		}
		for row, p := range want {
			if n*p > 40 && got[row] == 0 {
				t.Errorf("%v: row %v never occurs, want %v", where, row, n*p)
			}
		}
	}
}

func TestRefinedRowsMeetTheConditions(t *testing.T) {
	m := smallMixture(t)
	columns, _ := sampleOpen(t, m, Config{Rows: 2000, Seed: 2, Where: []string{"age=3..8", "ward=C|A"}, Refine: RefineMoments})
	for i := range columns[0] {
		if age, ward := columns[0][i], columns[2][i]; age < 3 || age > 8 || ward != 0 && ward != 2 {
			t.Fatalf("row %d: age %d, ward %d", i, age, ward)
		}
	}
}

// The ends of a range of a column without precision hold for what is written.
func TestRangesHoldForWrittenNumbers(t *testing.T) {
	m := smallMixture(t)
	const lo, hi = 49.99991, 50.0003
	columns, _ := sampleOpen(t, m, Config{Rows: 500, Seed: 3, Where: []string{"cost=49.99991..50.0003"}})
	for _, code := range columns[3] {
		if v := m.domain.Value(3, code); v < lo || v > hi {
			t.Fatalf("%v is outside [%v, %v]", v, lo, hi)
		}
	}
}

func TestConditionErrors(t *testing.T) {
	m := smallMixture(t)
	for _, test := range []struct{ where, want string }{
		{"agee=3", `nearest is "age"`},
		{"id=3", "is an id"},
		{"age", "want age=VALUE"},
		{"age=3..99", "[0, 9]"},
		{"age=7..3", "ends before it begins"},
		{"age=missing", "no cell of the column can be missing"},
		{"sex=N", "its values are F, M"},
		{"sex=F..M", "list them"},
		{"ward=A|Q", "its values are A, B, C, X, or missing"},
		{"ward=X", "has a probability of 0 in the model"},
		{"cost=50.00001..50.00002", "no value of column"},
	} {
		_, err := newSampler(m, Config{Rows: 1, Where: []string{test.where}})
		var c *ConditionError
		if !errors.As(err, &c) || c.Option != "where" || c.Text != test.where || !strings.Contains(c.Reason, test.want) {
			t.Errorf("%s: %v, want %q", test.where, err, test.want)
		}
	}
	_, err := newSampler(m, Config{Rows: 1, Where: []string{"age=1..3", "age=5"}})
	if err == nil || !strings.Contains(err.Error(), "no value meets both") {
		t.Errorf("%v", err)
	}
}

// Together rarer than the floor, though none is alone: what each has is told.
func TestJointlyImprobableConditions(t *testing.T) {
	m := improbablePair(t)
	_, err := newSampler(m, Config{Rows: 1, Where: []string{"a=y", "b=y"}})
	var c *ConditionError
	if !errors.As(err, &c) || !strings.Contains(c.Reason, "a=y has 0.5") || !strings.Contains(c.Reason, "b=y has 0.5") {
		t.Errorf("%v", err)
	}
}

func improbablePair(t *testing.T) *generator {
	schema := tabular.Schema{Columns: []tabular.Column{
		{Name: "a", Type: tabular.Categorical, Values: []string{"x", "y"}}, {Name: "b", Type: tabular.Categorical, Values: []string{"x", "y"}}}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	mix, err := mixture.New([]float32{1, 1e-12, 1e-12, 1, 1e-12, 1, 1, 1e-12}, []int{2, 2})
	if err != nil {
		t.Fatal(err)
	}
	two := marginal.Binning{Cells: dpsgd.EachBin([]uint32{0, 1, 2}), Within: []float64{1, 1}, Shares: []float64{0.5, 0.5}}
	return &generator{domain: tabulartest.Domain(t, codec), columns: []marginal.Binning{two, two}, mixture: mix}
}
