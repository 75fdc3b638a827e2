package eval

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/tabular"
)

// clinic is a small schema with a column of every kind.
func clinic(t testing.TB) *tabular.Codec {
	t.Helper()
	two := 2
	schema := tabular.Schema{Missing: []string{""}, Columns: []tabular.Column{
		{Name: "id", Type: tabular.ID},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
		{Name: "ward", Type: tabular.Categorical, Values: []string{"a", "b", "c", "d", "e", "rare"}, Nullable: true},
		{Name: "age", Type: tabular.Integer, Bounds: []any{18, 100}},
		{Name: "cost", Type: tabular.Real, Bounds: []any{0, 10000}, Precision: &two, Scale: tabular.Log, Spike: tabular.Spikes{0},
			Nullable: true},
		{Name: "severity", Type: tabular.Ordinal, Values: []string{"low", "mid", "high"}},
		{Name: "seen", Type: tabular.Datetime, Bounds: []any{"2024-01-01", "2024-12-31"}},
		{Name: "died", Type: tabular.Boolean},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// Columns of the clinic, without the id.
const (
	sexColumn = iota
	wardColumn
	ageColumn
	costColumn
	severityColumn
	seenColumn
	diedColumn
)

// patients draws rows of one population, in which columns depend on each other.
func patients(t testing.TB, codec *tabular.Codec, rows int, seed uint64) *Table {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 99))
	columns := make([][]uint32, 7)
	for range rows {
		age := min(82, int(35+15*random.NormFloat64()))
		age = max(age, 0)
		severity := min(2, random.IntN(2)+age/50)
		ward := random.IntN(5)
		if random.IntN(200) == 0 {
			ward = 5
		} else if random.IntN(20) == 0 {
			ward = 6 // missing
		}
		cost := uint32(0)
		switch random.IntN(10) {
		case 0:
			cost = codec.Size(costColumn) - 1
		case 1, 2:
		default:
			cost = uint32(100 * (50 + 40*float64(severity+1)*(random.Float64()+float64(ward%5))))
		}
		died := uint32(0)
		if random.IntN(14) < 1+3*severity {
			died = 1
		}
		for j, code := range []uint32{uint32(random.IntN(2)), uint32(ward), uint32(age), cost, uint32(severity), uint32(random.IntN(366)), died} {
			columns[j] = append(columns[j], code)
		}
	}
	table, err := NewTable(codec, columns)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// wideCodec has ten narrow categories, two wide ones and a number.
func wideCodec(t testing.TB) *tabular.Codec {
	t.Helper()
	values := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("v%d", i))
		}
		return out
	}
	schema := tabular.Schema{Columns: []tabular.Column{{Name: "number", Type: tabular.Integer, Bounds: []any{0, 9}}}}
	for k := range 12 {
		size := 3 + 20*k
		if k >= 10 {
			size = 300 * k
		}
		schema.Columns = append(schema.Columns, tabular.Column{Name: fmt.Sprint("c", k), Type: tabular.Categorical, Values: values(size)})
	}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return codec
}
