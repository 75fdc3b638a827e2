package tabular

import "slices"

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

// DifferenceOf is the difference that derives column j, or nil.
func DifferenceOf(derived []Difference, j int) *Difference {
	for k := range derived {
		if derived[k].Target == j {
			return &derived[k]
		}
	}
	return nil
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
		out = out.appendRun(Run{at(int64(run.From)), at(int64(run.To))})
	}
	if d.nullable && codes.Has(uint32(d.last)+1) {
		out = out.appendRun(Run{uint32(d.size), uint32(d.size) + 1})
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
		col := learnedColumn{name: declared.Name, coder: &grid{hi: d.size - 1, integer: true}, values: uint32(d.size), nullable: d.nullable}
		col.fine = col.fineEdges(declared)
		out.columns[d.Target] = col
	}
	return out
}
