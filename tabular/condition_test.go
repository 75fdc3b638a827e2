package tabular

import (
	"slices"
	"strings"
	"testing"
)

func TestConditions(t *testing.T) {
	c := stays(t)
	for _, tt := range []struct {
		column string
		texts  []string
		want   CodeSet // nil: an error that holds refusal
		fault  string
	}{
		{"sex", []string{"M"}, CodeSet{{1, 2}}, ""},
		{"sex", []string{"M", "F"}, CodeSet{{0, 2}}, ""},
		{"age", []string{" 7 "}, CodeSet{{7, 8}}, ""},
		{"age", []string{"90..", "..3", "2..5"}, CodeSet{{0, 6}, {90, 100}}, ""},
		{"band", []string{"child .. adult", "missing"}, CodeSet{{0, 2}, {3, 4}}, ""},
		{"band", []string{"not missing"}, CodeSet{{0, 3}}, ""},
		{"age", []string{"not missing"}, CodeSet{{0, 100}}, ""},
		{"admission", []string{"2024-01-02..2024-01-03"}, CodeSet{{1, 3}}, ""},
		{"paid", []string{"0.5..0.96"}, CodeSet{{5, 11}}, ""}, // ends fall on the grid
		{"alive", []string{"TRUE"}, CodeSet{{1, 2}}, ""},
		{"band", []string{"chill"}, nil, `"chill": not a declared value; nearest is "child"`},
		{"band", []string{""}, nil, `say missing`},
		{"sex", []string{"x"}, nil, `not one of the 2 declared values`},
		{"sex", []string{"F..M"}, nil, `values without order`},
		{"age", []string{"missing"}, nil, `declare it nullable`},
		{"age", []string{"5..200"}, nil, `outside the declared bounds [0, 99]`},
		{"age", []string{"9..5"}, nil, `swap its ends`},
		{"age", []string{".."}, nil, `say not missing`},
		{"age", []string{"many"}, nil, `not a number`},
		{"admission", []string{"soon.."}, nil, `not a datetime such as "2024-01-01"`},
		{"sex", nil, nil, `no values`},
	} {
		j, err := c.Find(tt.column)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Condition(j, tt.texts)
		if tt.want == nil {
			if err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("%s %q: %v, want %q", tt.column, tt.texts, err, tt.fault)
			}
		} else if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s %q: %v, %v, want %v", tt.column, tt.texts, got, err, tt.want)
		}
	}
}

// A value that looks like a word of the language is the value.
func TestConditionValuesGoFirst(t *testing.T) {
	c := compile(t, Schema{Columns: []Column{{Name: "a", Type: Categorical, Values: []string{"x", "missing", "a..b"}, Nullable: true}}})
	for k, text := range []string{"x", "missing", "a..b"} {
		if got, err := c.Condition(0, []string{text}); err != nil || !slices.Equal(got, CodeSet{{uint32(k), uint32(k) + 1}}) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestCodeSets(t *testing.T) {
	random := newRand(7)
	draw := func() (s CodeSet) {
		for code := range uint32(12) {
			if random.IntN(2) == 0 {
				s = s.appendRun(Run{code, code + 1})
			}
		}
		return s
	}
	for range 500 {
		a, b := draw(), draw()
		and, or, not := a.And(b), a.or(b), a.not(12)
		for code := range uint32(12) {
			x, y := a.Has(code), b.Has(code)
			if and.Has(code) != (x && y) || or.Has(code) != (x || y) || not.Has(code) == x {
				t.Fatalf("code %d of %v and %v: and %v, or %v, not %v", code, a, b, and, or, not)
			}
			if len(a) == 0 {
				continue
			}
			near := a.nearest(code)
			if !a.Has(near) {
				t.Fatalf("nearest to %d in %v: %d", code, a, near)
			}
			for other := range uint32(12) {
				if a.Has(other) && max(other, code)-min(other, code) < max(near, code)-min(near, code) {
					t.Fatalf("nearest to %d in %v: %d, but %d is nearer", code, a, near, other)
				}
			}
		}
	}
}
