package tabular

import (
	"math"
	"slices"
)

// A clamper gives every number or date a code: its own, or that of the nearest
// bound. ok is false for other texts.
type clamper interface {
	clamp(cell string) (code uint32, ok bool)
}

// compileOutside settles what becomes of cells that the coder has no code for.
func compileOutside(d *Column, col *learnedColumn, fail func(string, ...any)) {
	switch {
	case d.Outside != "" && d.Outside != refuse && d.Outside != clamp:
		fail("outside=%q: want refuse or clamp", d.Outside)
	case d.Outside == clamp && d.Other == "":
		col.takesAll = true
	case d.Other != "" && !slices.Contains(d.Values, d.Other):
		fail("other=%q: not one of the values: add it to them, or leave it out", d.Other)
	case d.Other != "":
		col.takesAll = true
		col.other = uint32(slices.Index(d.Values, d.Other))
	}
}

// encodeAny reads a trimmed cell of a column that refuses none.
func (c *Codec) encodeAny(col *learnedColumn, cell string) uint32 {
	if c.isMissing(cell) {
		return col.absent()
	}
	if code, ok := col.coder.encode(cell); ok {
		return code
	}
	number, ok := col.coder.(clamper)
	if !ok {
		return col.other
	}
	if code, ok := number.clamp(cell); ok {
		return code
	}
	return col.absent()
}

// absent is the code of a missing cell of a column that refuses none.
func (c *learnedColumn) absent() uint32 {
	if c.nullable {
		return c.values
	}
	return c.other
}

func (g *grid) clamp(cell string) (uint32, bool) {
	v, ok := parseFloat(cell)
	if !ok {
		return 0, false
	}
	units := math.Round(v * float64(pow10[g.precision]))
	return uint32(math.Min(math.Max(units, float64(g.lo)), float64(g.hi)) - float64(g.lo)), true
}

func (c *curve) clamp(cell string) (uint32, bool) {
	v, ok := parseFloat(cell)
	if !ok {
		return 0, false
	}
	return c.encodeFloat(math.Min(math.Max(v, c.lo), c.hi))
}

func (c *calendar) clamp(cell string) (uint32, bool) {
	seconds, ok := c.layout.parse(cell)
	if !ok {
		return 0, false
	}
	units := min(max(floorDiv(seconds, c.unit), c.lo), c.hi)
	return uint32(units - c.lo), true
}
