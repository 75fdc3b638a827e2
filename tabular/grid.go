package tabular

import (
	"fmt"
	"math"
)

// maxUnits bounds the numbers of a grid, in units of its precision: 15 digits
// survive the way through a float64 (Parquet) in both directions.
const maxUnits = 1e15

// grid is the coder of integers and of reals with a precision: code k is
// (lo+k)·10^-precision. Cells are rounded to the grid first and compared with
// the bounds after.
type grid struct {
	lo, hi    int64 // units of 10^-precision, both included
	precision int
	integer   bool // refuse fractions instead of rounding them
}

func (g *grid) size() uint64 { return uint64(g.hi-g.lo) + 1 }

func (g *grid) encode(cell string) (uint32, bool) {
	return g.code(parseUnits(cell, g.precision))
}

func (g *grid) encodeInt(v int64) (uint32, bool) {
	if v > maxUnits || v < -maxUnits {
		return 0, false
	}
	if g.precision > 0 {
		return g.encodeFloat(float64(v))
	}
	return g.code(v, true, true)
}

func (g *grid) encodeFloat(v float64) (uint32, bool) {
	return g.code(floatUnits(v, g.precision))
}

func (g *grid) code(units int64, exact, ok bool) (uint32, bool) {
	if !ok || units < g.lo || units > g.hi || g.integer && !exact {
		return 0, false
	}
	return uint32(units - g.lo), true
}

func (g *grid) append(dst []byte, code uint32) []byte {
	return appendUnits(dst, g.lo+int64(code), g.precision)
}

func (g *grid) value(code uint32) float64 {
	return float64(g.lo+int64(code)) / float64(pow10[g.precision])
}

func (g *grid) refuse(cell string) string {
	v, ok := parseFloat(cell)
	if !ok {
		return refuseNumber(cell)
	}
	if g.integer && v != math.Trunc(v) {
		return "not a whole number: declare type: real"
	}
	lo := appendUnits(nil, g.lo, g.precision)
	hi := appendUnits(nil, g.hi, g.precision)
	return fmt.Sprintf("outside the declared bounds [%s, %s]: widen the bounds or correct the cell", lo, hi)
}
