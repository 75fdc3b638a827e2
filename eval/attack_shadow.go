package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/dpgan/dpgan/eval/learn"
)

const (
	shadowWorlds = 4
	leastShadow  = 40 // rows of the reference
)

// shadow trains the attacker on worlds in which it knows who was a member
// (Shokri et al. 2017, arXiv:1610.05820, section V). Half of the holdout
// is its reference population. In each world a random half of that are the
// members, and a surrogate generator, which copies members with errors, stands
// for the one under attack, which is given only by its table. What the attacker
// sees of a person are the distances to synthetic rows and, for comparison, to
// the reference population; boosted trees learn how membership shows in them.
// Then it guesses about rows of train and of the other half of the holdout.
func (a *attackData) shadow(ctx context.Context, _ *Scores) ([]Attack, error) {
	const key, title = "mia_shadow_auc", "Membership, shadow models"
	half := a.others.rows / 2
	if half < leastShadow {
		x := Attack{Key: key, Title: title, Safe: .5}
		x.conclude(estimate{.5, .5})
		return []Attack{x}, nil
	}
	random := generator(a.e.options.Seed, "shadow")
	reference := a.others.selectRows(sequence(0, half))
	packed := a.layout.pack(reference)
	among, err := nearest(ctx, packed, packed)
	if err != nil {
		return nil, err
	}
	var features [][]float64
	var member []float64
	for w := range shadowWorlds {
		order := random.Perm(half)
		in := reference.selectRows(order[:half/2])
		world := a.layout.pack(surrogate(in, float64(w)/shadowWorlds, random))
		near, err := nearest(ctx, packed, world)
		if err != nil {
			return nil, err
		}
		of := make([]float64, half)
		for _, i := range order[:half/2] {
			of[i] = 1
		}
		// The row itself is in the reference: its neighbour there is the second.
		features = appendRows(features, signs(near, func(i int) uint32 { return among[i].second }))
		member = append(member, of...)
	}
	trees, err := learn.FitTrees(ctx, asFeatures(features), learn.Target{Classes: 2, Values: member})
	if err != nil {
		return nil, fmt.Errorf("shadow models: %w", err)
	}
	return a.shadowGuess(ctx, trees, packed, half, Attack{Key: key, Title: title})
}

// shadowGuess lets the trained attacker guess about rows it knows nothing of.
func (a *attackData) shadowGuess(ctx context.Context, trees *learn.Trees, reference *packed, half int, x Attack) ([]Attack, error) {
	n := min(a.members.rows, a.others.rows-half)
	var near []neighbour
	near = append(near, a.nearIn[:n]...)
	near = append(near, a.nearOut[half:half+n]...)
	in, err := nearest(ctx, a.layout.pack(a.members.selectRows(sequence(0, n))), reference)
	out, problem := nearest(ctx, a.layout.pack(a.others.selectRows(sequence(half, half+n))), reference)
	if err := errors.Join(err, problem); err != nil {
		return nil, err
	}
	among := append(in, out...)
	p, err := trees.Predict(asFeatures(signs(near, func(i int) uint32 { return among[i].first })))
	if err != nil {
		return nil, err
	}
	member := make([]float64, 2*n)
	for i := range n {
		member[i] = 1
	}
	x = a.membershipAttack(x.Key, x.Title, p[1], member)
	x.Note = "AUC of an attacker trained on tables with known members"
	return []Attack{x}, nil
}

// surrogate is a table of members as a generator of unknown quality would make
// it: rows of members, each cell drawn anew from the members' column with a
// probability between 0 and 1 that differs by row, the less the more it
// memorises, in [0, 1).
func surrogate(members *Table, memorises float64, random *rand.Rand) *Table {
	rows := make([]int, members.rows)
	for i := range rows {
		rows[i] = random.IntN(members.rows)
	}
	out := members.selectRows(rows)
	for i := range out.rows {
		swap := random.Float64()
		if random.Float64() < memorises {
			swap *= .2
		}
		for j := range out.columns {
			if random.Float64() < swap {
				out.columns[j][i] = members.columns[j][random.IntN(members.rows)]
			}
		}
	}
	return out
}

// signs are what the attacker sees of each row, [4][rows]: the distances to
// the nearest two synthetic rows, their ratio, and the first over the distance
// to the reference. They are ranks among the rows, in [0, 1], since worlds have
// different densities.
func signs(near []neighbour, among func(i int) uint32) [][]float64 {
	out := make([][]float64, 4)
	for k := range out {
		out[k] = make([]float64, len(near))
	}
	for i, x := range near {
		out[0][i], out[1][i], out[2][i] = float64(x.first), float64(x.second), x.ratio()
		out[3][i] = (float64(x.first) + 1) / (float64(among(i)) + unit/100)
	}
	for k := range out {
		out[k] = rankShares(out[k])
	}
	return out
}

// rankShares replaces values by their midranks over the number of rows.
func rankShares(values []float64) []float64 {
	order := sequence(0, len(values))
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	out := make([]float64, len(values))
	for i := 0; i < len(order); {
		from, v := i, values[order[i]]
		for i < len(order) && values[order[i]] == v {
			i++
		}
		for _, row := range order[from:i] {
			out[row] = float64(from+i) / 2 / float64(len(values))
		}
	}
	return out
}

func appendRows(to, rows [][]float64) [][]float64 {
	if to == nil {
		return rows
	}
	for k := range to {
		to[k] = append(to[k], rows[k]...)
	}
	return to
}

func asFeatures(columns [][]float64) []learn.Feature {
	out := make([]learn.Feature, len(columns))
	for k := range columns {
		out[k].Values = columns[k]
	}
	return out
}

// sequence is from, …, to−1.
func sequence(from, to int) []int {
	out := make([]int, to-from)
	for i := range out {
		out[i] = from + i
	}
	return out
}
