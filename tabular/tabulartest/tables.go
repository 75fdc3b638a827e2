package tabulartest

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/tabular"
)

// Wide has ten columns and a target. The first two go together, and so do the
// next two; the fifth and the sixth only because both follow the target.
func Wide(t *testing.T, rows int) (*tabular.Codec, [][]uint32) {
	t.Helper()
	values := []string{"a", "b", "c", "d"}
	var declared []tabular.Column
	for j := range 10 {
		declared = append(declared, tabular.Column{Name: string(rune('k' + j)), Type: tabular.Categorical, Values: values})
	}
	codec := Compile(t, append(declared, tabular.Column{Name: "target", Type: tabular.Categorical, Values: values[:2]}))
	r := rand.New(rand.NewPCG(4, 2))
	columns := make([][]uint32, 11)
	for range rows {
		row, class := make([]uint32, 11), uint32(r.IntN(2))
		for j := range 10 {
			row[j] = uint32(r.IntN(4))
		}
		row[10] = class
		for _, pair := range [][2]int{{0, 1}, {2, 3}} {
			if r.Float64() < 0.8 {
				row[pair[1]] = row[pair[0]]
			}
		}
		for j := 4; j < 6; j++ {
			if r.Float64() < 0.8 {
				row[j] = 2*class + row[j]%2
			}
		}
		for j := range row {
			columns[j] = append(columns[j], row[j])
		}
	}
	return codec, columns
}

// Small has 300 rows of a number and two categories, of which one follows from it.
func Small(t testing.TB) (*tabular.Codec, [][]uint32) {
	t.Helper()
	codec := Compile(t, []tabular.Column{
		{Name: "age", Type: tabular.Integer, Bounds: []any{0, 99}},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
		{Name: "band", Type: tabular.Ordinal, Values: []string{"low", "mid", "high"}, Nullable: true},
	})
	columns := make([][]uint32, 3)
	for i := range uint32(300) {
		columns[0] = append(columns[0], i%100)
		columns[1] = append(columns[1], i%100/50)
		columns[2] = append(columns[2], i%4)
	}
	return codec, columns
}

// Compile is the codec of a table of columns, in which an empty cell is missing.
func Compile(t testing.TB, columns []tabular.Column) *tabular.Codec {
	t.Helper()
	schema := tabular.Schema{Missing: []string{""}, Columns: columns}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// Domain is codec with rules.
func Domain(t testing.TB, codec *tabular.Codec, rules ...tabular.Rule) *tabular.Domain {
	t.Helper()
	domain, err := tabular.NewDomain(codec, rules)
	if err != nil {
		t.Fatal(err)
	}
	return domain
}

// SkipShort skips a long test of what shorter ones run too, such as under the race detector.
func SkipShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("long, and shorter tests run the same code")
	}
}

// Rows repeats one row of codes n times, as columns.
func Rows(n int, row ...uint32) [][]uint32 {
	columns := make([][]uint32, len(row))
	for j, code := range row {
		columns[j] = slices.Repeat([]uint32{code}, n)
	}
	return columns
}

// CodeAndName is a table in which the name follows from the code, and the sex does not.
func CodeAndName(t *testing.T, rows int) (*tabular.Codec, [][]uint32) {
	t.Helper()
	codec := Compile(t, []tabular.Column{
		{Name: "code", Type: tabular.Integer, Bounds: []any{0, 3}},
		{Name: "name", Type: tabular.Categorical, Values: []string{"a", "b", "c", "d"}},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	})
	random, columns := rand.New(rand.NewPCG(3, 4)), make([][]uint32, 3)
	for range rows {
		code := random.Uint32N(4)
		columns[0], columns[1], columns[2] = append(columns[0], code), append(columns[1], 3-code), append(columns[2], random.Uint32N(2))
	}
	return codec, columns
}

// SmallRules hold in smallTable: sex follows from age there, and what it maps to
// band is no more than a rule of the test.
var SmallRules = []tabular.Rule{
	{Dependency: "age", Determines: "sex", Map: tabular.Terms{{Name: "0..49", Values: []string{"F"}}, {Name: "50..", Values: []string{"M"}}}},
	{If: tabular.Terms{{Name: "sex", Values: []string{"M"}}}, Then: tabular.Terms{{Name: "band", Values: []string{"missing", "high"}}}},
	{Never: tabular.Terms{{Name: "age", Values: []string{"..9"}}, {Name: "band", Values: []string{"mid"}}}},
}

// Broken is how many rows break a rule.
func Broken(rules *tabular.Rules, columns [][]uint32) int {
	n, row := 0, make([]uint32, len(columns))
	for i := range columns[0] {
		for j := range row {
			row[j] = columns[j][i]
		}
		if !rules.Kept(row) {
			n++
		}
	}
	return n
}
