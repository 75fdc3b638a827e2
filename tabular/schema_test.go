package tabular

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func intp(v int) *int { return &v }

func TestCompileErrors(t *testing.T) {
	for _, test := range []struct {
		column Column
		fault  string
	}{
		{Column{Type: Boolean}, `columns[0]: name=""`},
		{Column{Name: " a", Type: Boolean}, "spaces around it"},
		{Column{Name: "a\x00", Type: Boolean}, "control character"},
		{Column{Name: "\uFEFFa", Type: Boolean}, "control character"},
		{Column{Name: "a\xff", Type: Boolean}, "UTF-8"},
		{Column{Name: "a"}, `type="": want integer`},
		{Column{Name: "a", Type: "float"}, `type="float"`},
		{Column{Name: "a", Type: Integer}, "declare bounds"},
		{Column{Name: "a", Type: Real}, "declare bounds"},
		{Column{Name: "a", Type: Datetime}, "declare bounds"},
		{Column{Name: "a", Type: Integer, Bounds: []any{1}}, "declare bounds"},
		{Column{Name: "a", Type: Integer, Bounds: []any{5, 1}}, "want lo < hi"},
		{Column{Name: "a", Type: Integer, Bounds: []any{5, 5}}, "want lo < hi"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, "x"}}, "want a number"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, true}}, "want a number"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 1.5}}, "want a whole number"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, math.NaN()}}, "want a number"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, math.Inf(1)}}, "want a number"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 1e16}}, "larger unit"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 4294967295}}, "2^32-2"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1e6}, Precision: intp(6)}, "declare a lower precision"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1e6}, Precision: intp(12)}, "declare a lower precision"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1}, Precision: intp(-1)}, "want a number of decimals"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 0.25}, Precision: intp(1)}, "more decimals than precision=1"},
		{Column{Name: "a", Type: Real, Bounds: []any{1, 1 + 1e-12}}, "too narrow"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1e-30}}, "smaller unit"},
		{Column{Name: "a", Type: Real, Bounds: []any{-1, 1}, Scale: Log}, "wants lo >= 0"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1}, Scale: "ln"}, `scale="ln"`},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1}, Spike: Spikes{2}}, "outside bounds"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1}, Spike: Spikes{math.NaN()}}, "outside bounds"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1}, Spike: Spikes{1e-9}}, "on the same of 2^20 steps"},
		{Column{Name: "a", Type: Real, Bounds: []any{0, 1}, Spike: Spikes{0, 0}}, "declared twice"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 9}, Spike: Spikes{10}}, "outside bounds"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 9}, Spike: Spikes{0.5}}, "want a whole number"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 9}, Spike: Spikes{4, 4}}, "declared twice"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 9}, Precision: intp(1)}, "precision: has no meaning"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 9}, Values: []string{"1"}}, "values: has no meaning"},
		{Column{Name: "a", Type: Integer, Bounds: []any{0, 9}, Format: "%d"}, "format: has no meaning"},
		{Column{Name: "a", Type: Integer, Bounds: []any{-99, 9}}, `missing="-9" is a value`},
		{Column{Name: "a", Type: Categorical}, "declare values"},
		{Column{Name: "a", Type: Ordinal}, "declare values"},
		{Column{Name: "a", Type: Categorical, Values: []string{"x", "y", "x"}}, `values[2]="x": declared twice`},
		{Column{Name: "a", Type: Categorical, Values: []string{"x", "NA"}}, `missing="NA" is a value`},
		{Column{Name: "a", Type: Categorical, Values: []string{"x "}}, "spaces around it"},
		{Column{Name: "a", Type: Categorical, Values: []string{"x\ry"}}, "control character"},
		{Column{Name: "a", Type: Categorical, Values: []string{"x"}, Bounds: []any{0, 1}}, "bounds: has no meaning"},
		{Column{Name: "a", Type: Boolean, Values: []string{"x"}}, "want 2"},
		{Column{Name: "a", Type: Datetime, Bounds: []any{"2020-01-02", "2020-01-01"}}, "want lo < hi"},
		{Column{Name: "a", Type: Datetime, Bounds: []any{"2020-01-02", 3}}, "want a date"},
		{Column{Name: "a", Type: Datetime, Bounds: []any{"2020-01-02", "2021-02-29"}}, "want a date"},
		{Column{Name: "a", Type: Datetime, Bounds: []any{"1950-01-01", "2000-01-01"}, Format: "%y-%m-%d"}, "another date"},
		{Column{Name: "a", Type: Datetime, Format: "%Q"}, "%Q is not supported"},
		{Column{Name: "a", Type: Datetime, Format: "%Y-%m"}, "want a month and %d"},
		{Column{Name: "a", Type: Datetime, Format: "%m-%d"}, "want one of %Y and %y"},
		{Column{Name: "a", Type: Datetime, Format: "%F %M"}, "want %H before %M"},
		{Column{Name: "a", Type: Datetime, Format: "%F %I"}, "%I with %p"},
		{Column{Name: "a", Type: Datetime, Format: "%F %Y"}, "occurs twice"},
		{Column{Name: "a", Type: Datetime, Format: "%F%"}, "lone %"},
		{Column{Name: "a", Type: Datetime, Format: " %F"}, "spaces around it"},
		{Column{Name: "a", Type: ID, Format: "P"}, "want one %d"},
		{Column{Name: "a", Type: ID, Format: "%d%d"}, "want one %d"},
		{Column{Name: "a", Type: ID, Format: "%s"}, "want one %d"},
		{Column{Name: "a", Type: ID, Format: "%99999d"}, "width"},
		{Column{Name: "a", Type: ID, Format: "%d\n"}, "spaces around it"},
		{Column{Name: "a", Type: ID, Nullable: true}, "nullable: has no meaning"},
		{Column{Name: "a", Type: ID}, "only ids"},
	} {
		s := Schema{Missing: []string{"NA", "-9"}, Columns: []Column{test.column}}
		_, err := s.Compile()
		if err == nil || !strings.Contains(err.Error(), test.fault) {
			t.Errorf("%+v: %v, want %q", test.column, err, test.fault)
		}
	}
	for fault, s := range map[string]Schema{
		"declare at least one column": {},
		`missing[1]="?": declared`:    {Missing: []string{"?", "?"}, Columns: []Column{{Name: "a", Type: Boolean}}},
		`missing[0]=" "`:              {Missing: []string{" "}, Columns: []Column{{Name: "a", Type: Boolean}}},
		`name="a": declared twice`:    {Columns: []Column{{Name: "a", Type: Boolean}, {Name: "a", Type: ID}}},
	} {
		if _, err := s.Compile(); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%+v: %v, want %q", s, err, fault)
		}
	}
}

// All problems come at once, each on a line of its own.
func TestCompileCollects(t *testing.T) {
	s := Schema{Columns: []Column{
		{Name: "a", Type: Integer}, {Name: "b", Type: "x"}, {Name: "a", Type: Categorical}, {Name: "c", Type: Real, Bounds: []any{2, 1}},
	}}
	_, err := s.Compile()
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 5 {
		t.Errorf("%d problems, want 5:\n%v", len(lines), err)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "tabular: column") {
			t.Errorf("%q has no place", line)
		}
	}
}

func TestCompileSizes(t *testing.T) {
	for _, test := range []struct {
		column Column
		size   uint32
	}{
		{Column{Type: Integer, Bounds: []any{18, 99}}, 82},
		{Column{Type: Integer, Bounds: []any{18, 99}, Nullable: true}, 83},
		{Column{Type: Integer, Bounds: []any{0, uint64(4294967293)}, Nullable: true}, math.MaxUint32},
		{Column{Type: Integer, Bounds: []any{json.Number("1"), float32(2)}, Scale: Log}, 2},
		{Column{Type: Real, Bounds: []any{-0.5, 1}, Precision: intp(1)}, 16},
		{Column{Type: Real, Bounds: []any{0, 1}}, 1 << 20},
		{Column{Type: Real, Bounds: []any{0, 1}, Scale: Log, Nullable: true}, 1<<20 + 1},
		{Column{Type: Categorical, Values: []string{"only"}}, 1},
		{Column{Type: Boolean}, 2},
		{Column{Type: Datetime, Bounds: []any{"2020-01-01", "2020-12-31"}}, 366},
		{Column{Type: Datetime, Bounds: []any{time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), "2020-01-02"}, Format: "%F %H"}, 25},
		{Column{Type: Datetime, Bounds: []any{"2020-01-01", "2020-01-02 00:00"}, Format: "%F %R"}, 1441},
		{Column{Type: Datetime, Bounds: []any{"2020-01-01", "2020-01-02T00:00:00"}, Format: "%F %T"}, 86401},
	} {
		test.column.Name = "a"
		s := Schema{Columns: []Column{test.column}}
		if got := compile(t, s).Size(0); got != test.size {
			t.Errorf("%+v: size %d, want %d", test.column, got, test.size)
		}
	}
}

func TestSpikesDecode(t *testing.T) {
	for text, want := range map[string]Spikes{"0": {0}, "[1, 2.5]": {1, 2.5}, "[]": {}} {
		var column Column
		if err := json.Unmarshal([]byte(`{"spike":`+text+`}`), &column); err != nil || !reflect.DeepEqual(column.Spike, want) {
			t.Errorf("%s: %v, %v, want %v", text, column.Spike, err, want)
		}
		var s Spikes
		if err := s.UnmarshalYAML(func(to any) error { return json.Unmarshal([]byte(text), to) }); err != nil || !reflect.DeepEqual(s, want) {
			t.Errorf("%s: %v, %v, want %v", text, s, err, want)
		}
	}
	var column Column
	if err := json.Unmarshal([]byte(`{"spike":"x"}`), &column); err == nil {
		t.Error("spike: x: no error")
	}
}
