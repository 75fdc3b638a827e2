package eval

import (
	"context"
	"slices"
)

const (
	linkTargets    = 2000
	linkNeighbours = 10
)

// linkability has two attackers, or one with two sources, know one half of the
// columns each (Giomi et al. 2023, section 4.2). They link a person if some
// synthetic row is among the ten nearest on both halves. The halves are drawn
// by the seed.
func (a *attackData) linkability(ctx context.Context, _ *Scores) ([]Attack, error) {
	x := Attack{Key: "linkability", Title: "Linkability"}
	if len(a.e.columns) < 2 {
		x.conclude(estimate{0, 1})
		return []Attack{x}, nil
	}
	random := generator(a.e.options.Seed, "linkability")
	order := random.Perm(len(a.e.columns))
	half := len(order) / 2
	n := min(linkTargets, a.members.rows)
	var links [2]float64
	for side, t := range []*Table{a.members, a.others} {
		targets := t.atMost(n, random)
		var sides [2][][]int32
		for k, chosen := range [][]int{order[:half], order[half:]} {
			l := newLayout(a.e.columns, chosen)
			var err error
			if sides[k], err = nearestSeveral(ctx, l.pack(targets), l.pack(a.synthetic), linkNeighbours); err != nil {
				return nil, err
			}
		}
		for i := range targets.rows {
			if slices.ContainsFunc(sides[0][i], func(row int32) bool { return slices.Contains(sides[1][i], row) }) {
				links[side]++
			}
		}
	}
	x = excess("linkability", "Linkability", links[0], links[1], n)
	x.Note = "two halves of a person's columns lead to the same synthetic row"
	return []Attack{x}, nil
}
