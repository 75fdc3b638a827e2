package tabular

import (
	"fmt"
	"math"
	"slices"
)

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
			if d, ok := r.soundDifference(base, target, o.strict); ok && !tied(out, base, target) {
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

// soundDifference is the one of two columns, if deriving it is sound.
func (r *Rules) soundDifference(base, target int, strict bool) (Difference, bool) {
	for _, d := range r.dependencies {
		if d.Target == base || d.Target == target || !d.mapped() && d.Source == target {
			return Difference{}, false
		}
	}
	for _, m := range r.marginals {
		if m.Column == target {
			return Difference{}, false
		}
	}
	return r.codec.gridDifference(base, target, strict)
}

// orderedDifference is the one of two columns that an order has in that order, whatever
// other rules say of them; false if there is none.
func (r *Rules) orderedDifference(base, target int) (Difference, bool) {
	if r == nil {
		return Difference{}, false
	}
	for _, rule := range r.rules {
		if o, ok := rule.(*order); ok {
			if at := slices.Index(o.in, base); at >= 0 && slices.Contains(o.in[at+1:], target) {
				return r.codec.gridDifference(base, target, o.strict)
			}
		}
	}
	return Difference{}, false
}

// FindDifferences finds, by the orders among the rules, those that a file names.
func (r *Rules) FindDifferences(named []Difference) (out []Difference, err error) {
	for k, n := range named {
		d, ok := r.orderedDifference(n.Base, n.Target)
		taken := slices.ContainsFunc(named[:k], func(o Difference) bool { return o.Target == n.Target || o.Base == n.Target })
		if !ok || taken {
			return nil, fmt.Errorf("distance %d: that of column %d from column %d does not follow from the rules", k, n.Target, n.Base)
		}
		out = append(out, d)
	}
	return out, nil
}

// gridDifference is the one of two columns, if their grids have one.
func (c *Codec) gridDifference(base, target int, strict bool) (Difference, bool) {
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

func (c *learnedColumn) steps() steps {
	switch coder := c.coder.(type) {
	case *grid:
		return steps{coder.lo, pow10[15-coder.precision]} // in units of the finest precision
	case *calendar:
		return steps{coder.lo, coder.unit}
	}
	return steps{}
}
