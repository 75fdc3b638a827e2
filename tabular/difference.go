package tabular

import (
	"fmt"
	"math"
	"slices"
)

// Difference is a number or date, Target, that an order puts no earlier than
// another, Base, and that may therefore be told by how far it lies behind: with
// one unit of the target's grid as step,
//
//	target = min(stride·base + distance + shift, last),   distance ≥ 0,
//
// in codes. Whatever the distance, target and base are in order, unless the
// target's bounds end before the base.
type Difference struct {
	Base   int `json:"base"`
	Target int `json:"target"`

	stride, shift int64
	last          int64 // the target's last code that is no gap
	size          int64 // distances
	nullable      bool  // the target, and so the distance
}

// Differences are the columns that orders let derive from an earlier one, each
// after its base. It takes, of an order, each column with the last one before it
// that cannot be missing, if
//
//   - both are numbers with a grid (integers, or reals with a precision) or dates,
//     and the target's grid is as fine as the base's, or a multiple finer: then
//     distances are exact;
//   - neither has a logarithmic scale, on which a distance tells little of the value
//     that is small beside it, and the target has no declared spike, which would be
//     smeared over all distances;
//   - no dependency determines one of both, none whose map is to be found looks at the
//     target, and no public shares are declared of the
//     target, which are about its value.
//
// What is not derived is kept in order by Repair.
func (r *Rules) Differences() []Difference {
	if r == nil {
		return nil
	}
	var out []Difference
	for _, rule := range r.rules {
		o, ok := rule.(*order)
		if !ok {
			continue
		}
		base := o.in[0]
		for _, target := range o.in[1:] {
			if r.codec.columns[base].nullable {
				base = target
				continue
			}
			if d, ok := r.difference(base, target, o.strict); ok && !tied(out, base, target) {
				out = append(out, d)
			}
			if !r.codec.columns[target].nullable {
				base = target
			}
		}
	}
	return inOrder(out)
}

// tied tells that target is derived already, or that base derives from it.
func tied(derived []Difference, base, target int) bool {
	for at := base; ; {
		if at == target {
			return true
		}
		k := slices.IndexFunc(derived, func(d Difference) bool { return d.Target == at })
		if k < 0 {
			break
		}
		at = derived[k].Base
	}
	return slices.ContainsFunc(derived, func(d Difference) bool { return d.Target == target })
}

// inOrder puts each after the one that derives its base.
func inOrder(derived []Difference) []Difference {
	var out []Difference
	for len(derived) > 0 {
		k := slices.IndexFunc(derived, func(d Difference) bool {
			return !slices.ContainsFunc(derived, func(other Difference) bool { return other.Target == d.Base })
		})
		out = append(out, derived[k]) // there is one, since none derives from itself
		derived = slices.Delete(derived, k, k+1)
	}
	return out
}

// difference is the one of two columns, if deriving it is sound.
func (r *Rules) difference(base, target int, strict bool) (Difference, bool) {
	for _, d := range r.dependencies {
		if d.Target == base || d.Target == target || !d.Mapped() && d.Source == target {
			return Difference{}, false
		}
	}
	for _, m := range r.marginals {
		if m.Column == target {
			return Difference{}, false
		}
	}
	return r.codec.difference(base, target, strict)
}

// Difference is the one of two columns that an order has in that order, whatever
// other rules say of them; false if there is none.
func (r *Rules) Difference(base, target int) (Difference, bool) {
	if r == nil {
		return Difference{}, false
	}
	for _, rule := range r.rules {
		if o, ok := rule.(*order); ok {
			if at := slices.Index(o.in, base); at >= 0 && slices.Contains(o.in[at+1:], target) {
				return r.codec.difference(base, target, o.strict)
			}
		}
	}
	return Difference{}, false
}

// FindDifferences finds, by the orders among the rules, those that a file names.
func (r *Rules) FindDifferences(named []Difference) (out []Difference, err error) {
	for k, n := range named {
		d, ok := r.Difference(n.Base, n.Target)
		taken := slices.ContainsFunc(named[:k], func(o Difference) bool { return o.Target == n.Target || o.Base == n.Target })
		if !ok || taken {
			return nil, fmt.Errorf("distance %d: that of column %d from column %d does not follow from the rules", k, n.Target, n.Base)
		}
		out = append(out, d)
	}
	return out, nil
}

// DifferenceOf is the difference that derives column j, or nil.
func DifferenceOf(derived []Difference, j int) *Difference {
	for k := range derived {
		if derived[k].Target == j {
			return &derived[k]
		}
	}
	return nil
}

// difference is the one of two columns, if their grids have one.
func (c *Codec) difference(base, target int, strict bool) (Difference, bool) {
	b, t := &c.columns[base], &c.columns[target]
	for _, j := range []int{base, target} {
		if c.schema.Columns[c.learned[j]].Scale == Log {
			return Difference{}, false
		}
	}
	from, to, stride := b.steps(), t.steps(), int64(0)
	if from.unit > 0 && to.unit > 0 && from.unit%to.unit == 0 {
		stride = from.unit / to.unit
	}
	const fits = math.MaxInt64 / 4
	if stride == 0 || len(t.spikes) > 0 || b.nullable || from.lo > fits/stride || from.lo < -fits/stride {
		return Difference{}, false
	}
	least := int64(0)
	if strict {
		least = 1
	}
	d := Difference{Base: base, Target: target, stride: stride, shift: from.lo*stride + least - to.lo,
		last: int64(t.values) - 1, nullable: t.nullable}
	d.size = d.last - d.shift + 1
	return d, d.size >= 2 && d.size < maxCodes-1
}

// steps are the codes of a column as multiples of a unit: code k is (lo+k)·unit.
// The units of numbers and of dates are each other's multiples or divisors; 0:
// the codes are not even.
type steps struct{ lo, unit int64 }

func (c *column) steps() steps {
	switch coder := c.coder.(type) {
	case *grid:
		return steps{coder.lo, pow10[15-coder.precision]} // in units of the finest precision
	case *calendar:
		return steps{coder.lo, coder.unit}
	}
	return steps{}
}

// Distance is the code of the distance from a code of the base to one of the
// target: the one more than the largest distance if the target is missing, and
// the nearest possible one if the two are out of order.
func (d *Difference) Distance(base, target uint32) uint32 {
	if int64(target) > d.last {
		return uint32(d.size)
	}
	return uint32(min(max(int64(target)-d.stride*int64(base)-d.shift, 0), d.size-1))
}

// Restore is the code of the target at a distance from a code of the base.
func (d *Difference) Restore(base, distance uint32) uint32 {
	if int64(distance) >= d.size {
		return uint32(d.last + 1)
	}
	return uint32(min(max(d.stride*int64(base)+int64(distance)+d.shift, 0), d.last))
}

// Distances are the distances from a code of the base that Restore takes to one
// of codes.
func (d *Difference) Distances(base uint32, codes CodeSet) CodeSet {
	first := d.stride*int64(base) + d.shift // the target at distance 0
	at := func(x int64) uint32 {            // how many distances lead below code x
		switch {
		case x <= 0:
			return 0
		case x > d.last:
			return uint32(d.size)
		}
		return uint32(min(max(x-first, 0), d.size))
	}
	var out CodeSet
	for _, run := range codes {
		out = out.add(Run{at(int64(run.From)), at(int64(run.To))})
	}
	if d.nullable && codes.Has(uint32(d.last)+1) {
		out = out.add(Run{uint32(d.size), uint32(d.size) + 1})
	}
	return out
}

// Pairs counts the pairs of a code of the base in b and of a distance in r, no gap
// among them, that Restore takes to one of codes.
func (d *Difference) Pairs(b, r Run, codes CodeSet) float64 {
	sum := 0.0
	for _, run := range codes {
		sum += d.below(b, r, int64(run.To)) - d.below(b, r, int64(run.From))
	}
	return sum
}

// below counts the pairs that Restore takes below code x.
func (d *Difference) below(b, r Run, x int64) float64 {
	width := int64(r.To) - int64(r.From)
	all := (float64(b.To) - float64(b.From)) * float64(width)
	switch {
	case x <= 0:
		return 0
	case x > d.last:
		return all
	}
	// A base code e has clamp(room - stride·e, 0, width) of the distances.
	room := x - d.shift - int64(r.From)
	whole := min(max(floorDiv(room-width, d.stride)+1, int64(b.From)), int64(b.To)) // e below it have all
	some := min(max(-floorDiv(-room, d.stride), whole), int64(b.To))                // e from it on have none
	n := float64(some - whole)
	part := n*float64(room) - float64(d.stride)*n*float64(whole+some-1)/2
	return float64(whole-int64(b.From))*float64(width) + part
}

// WithDifferences is the codec of the table in which each derived column holds
// the distance from its base, an integer from 0, missing if the target is. Its
// bins are even in the logarithm, the finest at 0: short distances are the many.
func (c *Codec) WithDifferences(derived []Difference) *Codec {
	if len(derived) == 0 {
		return c
	}
	out := &Codec{schema: c.schema.clone(), learned: c.learned, columns: slices.Clone(c.columns), counters: c.counters, missing: c.missing}
	for _, d := range derived {
		declared := &out.schema.Columns[out.learned[d.Target]]
		*declared = Column{Name: declared.Name, Type: Integer, Bounds: []any{0.0, float64(d.size - 1)}, Scale: Log, Nullable: d.nullable}
		col := column{name: declared.Name, coder: &grid{hi: d.size - 1, integer: true}, values: uint32(d.size), nullable: d.nullable}
		col.fine = col.fineEdges(declared)
		out.columns[d.Target] = col
	}
	return out
}
