package tabular

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// missingBounds is the problem of a column whose range would have to be learned.
const missingBounds = "bounds=%v: declare bounds: [lo, hi], or the range would have to be learned from the data"

// compileNumber makes the coder of an integer or a real column, and normalises
// its bounds to float64, as they come back from a model file.
func compileNumber(d *Column, col *learnedColumn, fail func(string, ...any)) {
	if d.Scale != "" && d.Scale != Linear && d.Scale != Log {
		fail("scale=%q: want linear or log", d.Scale)
	}
	if len(d.Bounds) != 2 {
		fail(missingBounds, d.Bounds)
		return
	}
	var bounds [2]float64
	for i, b := range d.Bounds {
		v, err := number(b)
		if err != nil {
			fail("bounds[%d]=%v: %v", i, b, err)
			return
		}
		bounds[i] = v
	}
	lo, hi := bounds[0], bounds[1]
	d.Bounds = []any{lo, hi}
	if lo >= hi {
		fail("bounds=%v: want lo < hi", d.Bounds)
		return
	}
	if d.Scale == Log && lo < 0 {
		fail("bounds=%v: scale: log wants lo >= 0: declare scale: linear", d.Bounds)
		return
	}
	if d.Type == Real && d.Precision == nil {
		compileCurve(d, lo, hi, col, fail)
		return
	}
	compileGrid(d, lo, hi, col, fail)
}

// number reads a bound from whatever a config file, a flag or JSON made of it.
func number(v any) (float64, error) {
	var f float64
	switch v := v.(type) {
	case float64:
		f = v
	case float32:
		f = float64(v)
	case int:
		f = float64(v)
	case int64:
		f = float64(v)
	case uint64:
		f = float64(v)
	case string:
		f, _ = parseBound(v)
	case json.Number:
		f, _ = parseBound(v.String())
	default:
		return 0, fmt.Errorf("want a number")
	}
	if !(math.Abs(f) <= maxUnits) {
		return 0, fmt.Errorf("want a number within ±1e15: declare the column in a larger unit")
	}
	return f + 0, nil // without the sign of zero
}

func parseBound(s string) (float64, bool) {
	if v, ok := parseFloat(s); ok {
		return v, true
	}
	return math.NaN(), false
}

// compileGrid makes the coder of integers and of reals with a precision.
func compileGrid(d *Column, lo, hi float64, col *learnedColumn, fail func(string, ...any)) {
	g := &grid{integer: d.Type == Integer}
	if d.Precision != nil {
		g.precision = *d.Precision
		if g.precision < 0 || g.precision > 15 {
			fail("precision=%d: want a number of decimals, 0 to 15", g.precision)
			return
		}
	}
	onGrid := func(key string, v float64) (units int64, ok bool) {
		units, exact, ok := parseDecimal(strconv.FormatFloat(v, 'f', -1, 64), g.precision)
		switch {
		case !ok || units > maxUnits || units < -maxUnits:
			fail("%s=%v: beyond 1e15 steps of the precision: declare a lower precision", key, v)
		case !exact && g.integer:
			fail("%s=%v: want a whole number, or type: real", key, v)
		case !exact:
			fail("%s=%v: has more decimals than precision=%d: declare a higher precision, or round it", key, v, g.precision)
		default:
			return units, true
		}
		return 0, false
	}
	var lower, upper bool
	g.lo, lower = onGrid("bounds[0]", lo)
	g.hi, upper = onGrid("bounds[1]", hi)
	if !lower || !upper {
		return
	}
	for _, spike := range d.Spike {
		units, ok := onGrid("spike", spike)
		if ok && (units < g.lo || units > g.hi) {
			fail("spike=%v: outside bounds=%v: widen the bounds or remove the spike", spike, d.Bounds)
		} else if ok {
			col.addSpike(units-g.lo, spike, fail)
		}
	}
	col.coder = g
}

// compileCurve makes the coder of reals without precision.
func compileCurve(d *Column, lo, hi float64, col *learnedColumn, fail func(string, ...any)) {
	c, err := newCurve(lo, hi, d.Scale == Log)
	if err != nil {
		fail("bounds=%v: %v", d.Bounds, err)
		return
	}
	for _, spike := range d.Spike {
		if !(spike >= lo && spike <= hi) {
			fail("spike=%v: outside bounds=%v: widen the bounds or remove the spike", spike, d.Bounds)
			continue
		}
		code, ok := c.addSpike(spike)
		if !ok {
			fail("spike=%v: on the same of 2^20 steps as a bound or another spike: declare precision", spike)
			continue
		}
		col.addSpike(int64(code), spike, fail)
	}
	col.coder = c
}
