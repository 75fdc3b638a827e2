package tabular

import (
	"math"
	"slices"
	"sort"
)

// order wants the values of columns to ascend; missing cells are exempt.
type order struct {
	rule   int
	codec  *Codec
	in     []int
	strict bool
}

func (o *order) number() int    { return o.rule }
func (o *order) columns() []int { return o.in }

func (o *order) broken(row []uint32) bool {
	last := math.Inf(-1)
	for _, j := range o.in {
		v := o.codec.Value(j, row[j])
		if math.IsNaN(v) {
			continue
		}
		if v < last || o.strict && v == last {
			return true
		}
		last = v
	}
	return false
}

// admits is the codes between the largest value before column j and the least
// after it, and missing.
func (o *order) admits(row []uint32, j int) CodeSet {
	lo, hi := math.Inf(-1), math.Inf(1)
	position := slices.Index(o.in, j)
	for p, other := range o.in {
		v := o.codec.Value(other, row[other])
		switch {
		case math.IsNaN(v):
		case p < position:
			lo = math.Max(lo, v)
		case p > position:
			hi = math.Min(hi, v)
		}
	}
	col := &o.codec.columns[j]
	first := func(holds func(v float64) bool) uint32 {
		return uint32(sort.Search(int(col.values), func(code int) bool { return holds(col.coder.value(uint32(code))) }))
	}
	from := first(func(v float64) bool { return v > lo || v == lo && !o.strict })
	to := first(func(v float64) bool { return v > hi || v == hi && o.strict })
	return CodeSet(nil).appendRun(Run{from, to}).appendRun(Run{col.values, col.size()})
}

func (r *Rules) compileOrder(index int, d *Rule, fail failer) {
	o := &order{rule: index, codec: r.codec, strict: d.Strict}
	for i, name := range d.Order {
		j, err := r.codec.Find(name)
		switch {
		case err != nil:
			fail("order", i, "%v", err)
			return
		case slices.Contains(o.in, j):
			fail("order", i, "column %q is named twice: remove one", shorten(name))
			return
		case len(o.in) > 0:
			if fault := r.codec.incomparable(o.in[0], j); fault != "" {
				fail("order", i, "column %q: %s", shorten(name), fault)
				return
			}
		}
		o.in = append(o.in, j)
	}
	if len(o.in) < 2 {
		fail("order", -1, "has one column: name at least two")
		return
	}
	if d := &r.codec.schema.Columns[r.codec.learned[o.in[0]]]; d.Type == Categorical || d.Type == Boolean {
		fail("order", 0, "column %q: its values have no order: name numbers, dates or ordinals", shorten(d.Name))
		return
	}
	r.rules = append(r.rules, o)
}

// incomparable says why the values of columns a and b cannot be compared, or "".
func (c *Codec) incomparable(a, b int) string {
	family := func(d *Column) Type {
		if d.Type == Real {
			return Integer
		}
		return d.Type
	}
	x, y := &c.schema.Columns[c.learned[a]], &c.schema.Columns[c.learned[b]]
	switch {
	case family(x) != family(y):
		return "a column of type " + string(y.Type) + " does not compare with one of type " + string(x.Type)
	case x.Type == Ordinal && !slices.Equal(x.Values, y.Values):
		return "ordinals compare if their values are the same list"
	}
	return ""
}
