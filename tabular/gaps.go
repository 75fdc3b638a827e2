package tabular

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Fact is something about a column that its owner declares, or has to pay for.
type Fact string

// The facts that a schema may leave open.
const (
	FactBounds   Fact = "bounds"   // of numbers and dates
	FactValues   Fact = "values"   // of categorical columns
	FactNullable Fact = "nullable" // whether cells are missing
)

// Gap is a fact that a schema does not state.
type Gap struct {
	Column int // index into Columns
	Name   string
	Fact   Fact
}

// Gaps lists the bounds and values that are left open, without which the schema
// does not compile. The order of an ordinal column cannot be found in data, so
// its values are never a gap but an error.
func (s *Schema) Gaps() []Gap {
	var gaps []Gap
	for i := range s.Columns {
		switch c := &s.Columns[i]; {
		case c.hasBounds() && len(c.Bounds) == 0:
			gaps = append(gaps, Gap{i, c.Name, FactBounds})
		case c.Type == Categorical && len(c.Values) == 0:
			gaps = append(gaps, Gap{i, c.Name, FactValues})
		}
	}
	return gaps
}

// NullableGaps lists the learned columns that are not declared nullable: whether
// they have missing cells is open if the owner says so.
func (s *Schema) NullableGaps() []Gap {
	var gaps []Gap
	for i := range s.Columns {
		if c := &s.Columns[i]; c.Type != ID && !c.Nullable {
			gaps = append(gaps, Gap{i, c.Name, FactNullable})
		}
	}
	return gaps
}

func (c *Column) hasBounds() bool { return c.Type == Integer || c.Type == Real || c.Type == Datetime }

// The widest bounds that can be found. Numbers beyond ±2^30 steps of an integer
// or of a declared precision would not fit a code space.
const (
	widestExponent     = 30
	widestRealExponent = 49
)

// years are the first year, and the one after the last, that bounds of a
// datetime column can have: what a two-digit year can mean, what seconds can
// count to, or four centuries.
func (c *Column) years() (first, after int) {
	format := c.Format
	if format == "" {
		format = defaultDatetime
	}
	_, unit, err := newLayout(format)
	switch {
	case strings.Contains(format, "%y"):
		return 1970, 2068
	case err == nil && unit == 1:
		return 1950, 2080
	}
	return 1800, 2200
}

// exponents are the least and the largest binary exponents of the magnitudes
// that bounds of c can have.
func (c *Column) exponents() (least, most int) {
	switch {
	case c.Type == Integer:
		return 0, widestExponent
	case c.Precision != nil:
		steps := math.Log2(math.Pow10(*c.Precision))
		return int(math.Floor(-steps)), widestExponent - int(math.Ceil(steps))
	}
	return -20, widestRealExponent
}

// StandIn is the schema with gaps filled by something that compiles and refuses
// no cell: wide bounds, ten made-up values. With it a run can be checked and
// planned before anything is known or paid for.
func (s *Schema) StandIn(gaps []Gap) Schema {
	out := s.clone()
	for _, gap := range gaps {
		c := &out.Columns[gap.Column]
		switch gap.Fact {
		case FactValues:
			for k := range 10 {
				c.Values = append(c.Values, fmt.Sprintf("value %d", k+1))
			}
			c.Other = ""
		case FactBounds:
			edges := c.Edges()
			c.setBounds(edges[0], edges[len(edges)-1])
		case FactNullable:
			c.Nullable = true
		}
		if c.Other == "" {
			c.Outside = clamp
		}
	}
	return out
}

// Edges are the public buckets [edges[k], edges[k+1]) in which the bounds of a
// column are searched: powers of two and their negatives around 0 for numbers,
// calendar years, in days since 1970, for dates.
func (c *Column) Edges() []float64 {
	var edges []float64
	if c.Type == Datetime {
		first, after := c.years()
		for year := first; year <= after; year++ {
			edges = append(edges, float64(daysFromCivil(year, 1, 1)))
		}
		return edges
	}
	least, most := c.exponents()
	for e := most; e >= least && c.Scale != Log; e-- {
		edges = append(edges, -math.Ldexp(1, e))
	}
	edges = append(edges, 0)
	for e := least; e <= most; e++ {
		edges = append(edges, math.Ldexp(1, e))
	}
	return edges
}

// setBounds makes [lo, hi) the declared bounds: whole numbers and days before hi,
// rounded outward to the precision, and wide enough for the spikes.
func (c *Column) setBounds(lo, hi float64) {
	switch {
	case c.Type == Datetime:
		iso, _, _ := newLayout(isoDatetimes[0])
		date := func(days float64) any { return string(iso.append(nil, int64(days)*secondsPerDay)) }
		c.Bounds = []any{date(lo), date(math.Max(hi-1, lo+1))}
		return
	case c.Type == Integer:
		lo, hi = math.Ceil(lo), math.Ceil(hi)-1
	case c.Precision != nil:
		unit := math.Pow10(*c.Precision)
		lo, hi = math.Floor(lo*unit)/unit, math.Ceil(hi*unit)/unit
	}
	if len(c.Spike) > 0 {
		lo, hi = math.Min(lo, slices.Min(c.Spike)), math.Max(hi, slices.Max(c.Spike))
	}
	if c.Type == Integer && lo >= hi {
		hi = lo + 1 // bounds want two numbers
	}
	c.Bounds = []any{lo, hi}
}

// Finer cuts [lo, hi) into buckets for a closer look at the bounds: evenly by
// the column's scale, whole numbers and days at least apart by one.
func (c *Column) Finer(lo, hi float64) []float64 {
	const buckets = 64
	at, back := func(x float64) float64 { return x }, func(x float64) float64 { return x }
	if c.Scale == Log {
		at, back = math.Log1p, math.Expm1
	}
	edges := []float64{lo}
	for k := 1; k < buckets; k++ {
		edge := back(at(lo) + (at(hi)-at(lo))*float64(k)/buckets)
		if c.Type != Real {
			edge = math.Round(edge)
		}
		if edge > edges[len(edges)-1] && edge < hi {
			edges = append(edges, edge)
		}
	}
	return append(edges, hi)
}
