package tabular

import (
	"math"
	"math/big"
	"strconv"
	"testing"
)

// bigUnits is the reference: s as units of 10^-precision, half away from zero.
func bigUnits(t *testing.T, s string, precision int) (units int64, exact bool) {
	t.Helper()
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q: no number", s)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	x.Mul(x, new(big.Rat).SetInt(scale))
	half := big.NewRat(1, 2)
	if x.Sign() < 0 {
		half.Neg(half)
	}
	rounded := new(big.Rat).Add(x, half)
	q := new(big.Int).Quo(rounded.Num(), rounded.Denom()) // towards zero
	return q.Int64(), x.IsInt()
}

func TestParseUnits(t *testing.T) {
	r := newRand(11)
	for range 20000 {
		precision := r.IntN(7)
		digits := strconv.FormatInt(r.Int64N(1e12), 10)
		s := digits
		if at := r.IntN(len(digits) + 1); r.IntN(4) > 0 {
			s = digits[:at] + "." + digits[at:]
		}
		if r.IntN(3) == 0 {
			s = "-" + s
		}
		if r.IntN(4) == 0 {
			s += "e" + strconv.Itoa(r.IntN(13)-9)
		}
		want, exact := bigUnits(t, s, precision)
		units, isExact, ok := parseUnits(s, precision)
		if !ok {
			if math.Abs(float64(want)) < 1e14 {
				t.Fatalf("%q is refused at precision %d, want %d", s, precision, want)
			}
			continue
		}
		if units != want || isExact != exact && precision == 0 {
			t.Fatalf("%q at precision %d: %d, %v, want %d, %v", s, precision, units, isExact, want, exact)
		}
		if v, err := strconv.ParseFloat(s, 64); err != nil {
			t.Fatal(err)
		} else if got, ok := parseFloat(s); !ok || got != v {
			t.Fatalf("%q is read as %v, want %v", s, got, v)
		} else if got, _, ok := floatUnits(v, precision); ok && got != want {
			t.Fatalf("%v has %d units at precision %d, want %d", v, got, precision, want)
		}
	}
}

func TestAppendUnits(t *testing.T) {
	for _, test := range []struct {
		units     int64
		precision int
		want      string
	}{
		{0, 0, "0"}, {0, 2, "0.00"}, {-5, 2, "-0.05"}, {-1, 0, "-1"}, {12345, 3, "12.345"}, {100, 1, "10.0"},
		{math.MinInt64, 0, "-9223372036854775808"}, {1e15, 15, "1.000000000000000"},
	} {
		if got := string(appendUnits(nil, test.units, test.precision)); got != test.want {
			t.Errorf("%d at precision %d: %q, want %q", test.units, test.precision, got, test.want)
		}
	}
}
