package tabular

import (
	"encoding/json"
	"reflect"
	"testing"
)

// lenient is a schema whose columns refuse no cell.
func lenient(nullable bool) Schema {
	two := 2
	columns := []Column{
		{Name: "integer", Type: Integer, Bounds: []any{10, 20}, Outside: clamp},
		{Name: "grid", Type: Real, Bounds: []any{-1, 1}, Precision: &two, Outside: clamp},
		{Name: "curve", Type: Real, Bounds: []any{0, 1000}, Scale: Log, Outside: clamp},
		{Name: "date", Type: Datetime, Bounds: []any{"2000-01-01", "2000-12-31"}, Outside: clamp},
		{Name: "category", Type: Categorical, Values: []string{"a", "b", "rest"}, Other: "rest"},
		{Name: "boolean", Type: Boolean, Outside: clamp},
	}
	for i := range columns {
		columns[i].Nullable = nullable
	}
	return Schema{Missing: []string{"", "-9"}, Columns: columns}
}

func TestLenientColumnsTakeEveryCell(t *testing.T) {
	for _, tt := range []struct {
		column               int
		cell                 string
		nullable, notAllowed string // what it is written as
	}{
		{0, "15", "15", "15"}, {0, "5", "10", "10"}, {0, "1e9", "20", "20"}, {0, "15.4", "15", "15"},
		{0, "", "", "10"}, {0, "-9", "", "10"}, {0, "many", "", "10"}, {0, "\xff", "", "10"}, {0, "NaN", "", "10"},
		{1, "0.5", "0.50", "0.50"}, {1, "-7", "-1.00", "-1.00"}, {1, "x", "", "-1.00"},
		{2, "2000", "1000", "1000"}, {2, "-1", "0", "0"}, {2, "", "", "0"},
		{3, "2000-02-29", "2000-02-29", "2000-02-29"}, {3, "1999-12-31", "2000-01-01", "2000-01-01"},
		{3, "2100-01-01", "2000-12-31", "2000-12-31"}, {3, "yesterday", "", "2000-01-01"},
		{4, "a", "a", "a"}, {4, "secret", "rest", "rest"}, {4, "", "", "rest"}, {4, "\x00", "rest", "rest"},
		{5, "TRUE", "true", "true"}, {5, "1", "true", "true"}, {5, "perhaps", "false", "false"}, {5, "", "", "false"},
	} {
		for _, nullable := range []bool{true, false} {
			schema := lenient(nullable)
			c := compile(t, schema)
			code, err := c.Encode(tt.column, tt.cell)
			if err != nil {
				t.Fatalf("column %d refused %q: %v", tt.column, tt.cell, err)
			}
			want := tt.notAllowed
			if nullable {
				want = tt.nullable
			}
			if got := string(c.AppendCell(nil, tt.column, code)); got != want {
				t.Errorf("column %d, nullable %v: %q became %q, want %q", tt.column, nullable, tt.cell, got, want)
			}
		}
	}
}

func TestLenientSchemaSurvivesTheModelFile(t *testing.T) {
	c := compile(t, lenient(true))
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Codec
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Schema(), c.Schema()) {
		t.Errorf("schema became %+v, want %+v", back.Schema(), c.Schema())
	}
}

func TestOutsideIsChecked(t *testing.T) {
	for _, c := range []Column{
		{Name: "x", Type: Integer, Bounds: []any{0, 1}, Outside: "wrap"},
		{Name: "x", Type: Integer, Bounds: []any{0, 1}, Other: "1"},
		{Name: "x", Type: Categorical, Values: []string{"a"}, Other: "b"},
		{Name: "x", Type: ID, Outside: clamp},
	} {
		s := Schema{Columns: []Column{c, {Name: "y", Type: Boolean}}}
		if _, err := s.Compile(); err == nil {
			t.Errorf("%+v was compiled", c)
		}
	}
}
