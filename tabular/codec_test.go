package tabular

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// Decoding and encoding again is the identity on codes, and encoding and
// decoding again is the identity on canonical text.
func TestRoundTrip(t *testing.T) {
	r := newRand(1)
	for n := range 400 {
		s := randomSchema(r)
		c := compile(t, s)
		for j, codes := range randomCodes(r, c, 200) {
			d := c.Schema().Columns[c.Learned()[j]]
			for _, code := range codes {
				text := string(c.AppendCell(nil, j, code))
				back, err := c.Encode(j, "  "+text+"\t")
				if err != nil {
					t.Fatalf("schema %d: %+v: code %d is written as %q: %v", n, d, code, text, err)
				}
				if back != code {
					t.Fatalf("schema %d: %+v: code %d is written as %q, which is code %d", n, d, code, text, back)
				}
				if again := string(c.AppendCell(nil, j, back)); again != text {
					t.Fatalf("schema %d: %+v: %q is written again as %q", n, d, text, again)
				}
			}
		}
	}
}

// Text is within the bounds, as declared, and agrees with Value.
func TestTextWithinBounds(t *testing.T) {
	r := newRand(2)
	for range 400 {
		c := compile(t, randomSchema(r))
		for j, codes := range randomCodes(r, c, 100) {
			d := c.Schema().Columns[c.Learned()[j]]
			if d.Type != Integer && d.Type != Real {
				continue
			}
			lo, hi := d.Bounds[0].(float64), d.Bounds[1].(float64)
			for _, code := range codes {
				if d.Nullable && code == c.Size(j)-1 {
					if !math.IsNaN(c.Value(j, code)) {
						t.Fatalf("%+v: value of missing: %v", d, c.Value(j, code))
					}
					continue
				}
				text := string(c.AppendCell(nil, j, code))
				v, err := strconv.ParseFloat(text, 64)
				if err != nil || v < lo || v > hi || strings.HasPrefix(text, "-0") && v == 0 {
					t.Fatalf("%+v: code %d is written as %q", d, code, text)
				}
				if v != c.Value(j, code) {
					t.Fatalf("%+v: code %d is written as %q but has value %v", d, code, text, c.Value(j, code))
				}
				_, decimals, _ := strings.Cut(text, ".")
				if d.Type == Integer && strings.Contains(text, ".") || d.Precision != nil && len(decimals) != *d.Precision {
					t.Fatalf("%+v: code %d is written as %q", d, code, text)
				}
			}
		}
	}
}

// Codes ascend with the value.
func TestCodesAscend(t *testing.T) {
	r := newRand(3)
	for range 200 {
		c := compile(t, randomSchema(r))
		for j := range c.Learned() {
			last := c.Size(j) - 1
			if c.Schema().Columns[c.Learned()[j]].Nullable {
				last--
			}
			for range 50 {
				if last == 0 {
					break
				}
				code := r.Uint32N(last)
				if a, b := c.Value(j, code), c.Value(j, code+1); !(a < b) {
					t.Fatalf("%+v: code %d has value %v, the next %v", c.Schema().Columns[c.Learned()[j]], code, a, b)
				}
			}
		}
	}
}

func TestEncode(t *testing.T) {
	two := 2
	s := Schema{Missing: []string{"?", "NA"}, Columns: []Column{
		{Name: "integer", Type: Integer, Bounds: []any{-5, 100}, Nullable: true},
		{Name: "fixed", Type: Real, Bounds: []any{0, "10.5"}, Precision: &two},
		{Name: "real", Type: Real, Bounds: []any{0.0, 1048575.0}, Spike: Spikes{0.75}},
		{Name: "grade", Type: Ordinal, Values: []string{"low", "middle", "high"}},
		{Name: "flag", Type: Boolean, Nullable: true},
		{Name: "day", Type: Datetime, Bounds: []any{"2020-01-01", "2020-12-31"}},
		{Name: "minute", Type: Datetime, Bounds: []any{"2020-01-01", "2020-01-02"}, Format: "%d/%m/%Y %H:%M"},
	}}
	c := compile(t, s)
	for _, test := range []struct {
		j     int
		cell  string
		code  int64 // -1: refused
		fault string
	}{
		{0, "-5", 0, ""}, {0, " 7 ", 12, ""}, {0, "+7", 12, ""}, {0, "7.0", 12, ""}, {0, "7e0", 12, ""}, {0, "-0", 5, ""}, {0, "1E2", 105, ""},
		{0, "?", 106, ""}, {0, "NA", 106, ""},
		{0, "", -1, `add "" to missing`}, {0, "101", -1, "outside the declared bounds [-5, 100]"}, {0, "1e300", -1, "outside"},
		{0, "7.5", -1, "declare type: real"}, {0, "NaN", -1, "not a finite number"}, {0, "-inf", -1, "not a finite number"},
		{0, "0x10", -1, "not a number"}, {0, "1_000", -1, "not a number"}, {0, "1,000", -1, "not a number"},
		{0, "99999999999999999999", -1, "outside"},
		{0, "e5", -1, "not a number"}, {0, "--5", -1, "not a number"}, {0, ".", -1, "not a number"}, {0, "5 6", -1, "not a number"},
		{1, "1.005", 101, ""}, {1, "1.0049999", 100, ""}, {1, "10.504", 1050, ""}, {1, "10.505", -1, "outside"}, {1, "-0.004", 0, ""},
		{1, ".5", 50, ""}, {1, "5.", 500, ""}, {1, "2.50E-01", 25, ""}, {1, "0.29", 29, ""}, {1, "1.15", 115, ""},
		{1, "?", -1, "declare nullable: true"},
		{1, "000000000000000000000000001.25", 125, ""}, {1, "1.2500000000000000000000000000000001", 125, ""},
		{2, "17", 17, ""}, {2, "17.4", 17, ""}, {2, "0.75", 1, ""}, {2, "0.4", 0, ""}, {2, "1048575.1", -1, "outside"},
		{2, "abc", -1, "not a number"},
		{3, "middle", 1, ""}, {3, "midle", -1, `nearest is "middle"`}, {3, "High", -1, `nearest is "high"`},
		{3, "something else", -1, "not one of the 3"},
		{3, "\xff", -1, "UTF-8"},
		{4, "false", 0, ""}, {4, "TRUE", 1, ""}, {4, "1", 1, ""}, {4, "?", 2, ""}, {4, "yes", -1, "not one of the 2"},
		{5, "2020-03-01", 60, ""}, {5, "2020-02-30", -1, `such as "2020-01-01"`}, {5, "2020-3-1", 60, ""}, {5, "20200301", -1, "not a datetime"},
		{5, "2021-01-01", -1, "outside the declared bounds [2020-01-01, 2020-12-31]"}, {5, "2020-03-01 ", 60, ""},
		{5, "2020-03-01T00:00", -1, "not a datetime"},
		{6, "01/01/2020 00:01", 1, ""}, {6, "02/01/2020 00:00", 1440, ""}, {6, "02/01/2020 00:01", -1, "outside"},
		{6, "01/01/2020 24:00", -1, "not a datetime"},
	} {
		code, err := c.Encode(test.j, test.cell)
		switch {
		case test.code < 0 && err == nil:
			t.Errorf("column %d: %q: code %d, want an error", test.j, test.cell, code)
		case test.code < 0 && !strings.Contains(err.Error(), test.fault):
			t.Errorf("column %d: %q: %v, want %q", test.j, test.cell, err, test.fault)
		case test.code >= 0 && (err != nil || int64(code) != test.code):
			t.Errorf("column %d: %q: code %d, %v, want %d", test.j, test.cell, code, err, test.code)
		}
	}
	if text := string(c.AppendCell(nil, 0, 106)); text != "?" {
		t.Errorf("missing is written as %q", text)
	}
	// 2^20 steps over 2^20-1: step 1, so one decimal tells the codes apart.
	for code, want := range map[uint32]string{0: "0", 1: "0.75", 17: "17.0", 1048575: "1048575"} {
		if text := string(c.AppendCell(nil, 2, code)); text != want {
			t.Errorf("code %d is written as %q, want %q", code, text, want)
		}
	}
}

// A codec survives the model file: equal schema, equal codes.
func TestCodecJSON(t *testing.T) {
	r := newRand(4)
	for range 200 {
		c := compile(t, randomSchema(r))
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Codec
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if !reflect.DeepEqual(c, &back) {
			t.Fatalf("%s: another codec after the way through JSON", data)
		}
	}
	var c Codec
	for _, bad := range []string{`{"colums":[]}`, `{"columns":[]}`, `[]`, `{"columns":[{"name":"a","type":"real"}]}`} {
		if err := json.Unmarshal([]byte(bad), &c); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// The codec does not share memory with the schemas that go in and come out.
func TestCodecImmutable(t *testing.T) {
	s := Schema{Columns: []Column{{Name: "a", Type: Categorical, Values: []string{"x", "y"}}}}
	c := compile(t, s)
	s.Columns[0].Values[0] = "changed"
	c.Schema().Columns[0].Values[1] = "changed"
	c.FineEdges(0)[1] = 99
	c.Learned()[0] = 99
	if got := string(c.AppendCell(nil, 0, 0)) + string(c.AppendCell(nil, 0, 1)); got != "xy" {
		t.Errorf("values are %q", got)
	}
	if c.FineEdges(0)[1] != 1 || c.Learned()[0] != 0 {
		t.Error("edges or indices can be changed from outside")
	}
}
