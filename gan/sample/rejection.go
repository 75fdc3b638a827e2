package sample

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

const (
	// triedRows is how many rows are drawn at a time to find some that meet the rest
	// of the conditions, and mostTried how many in vain until that is given up.
	triedRows, mostTried = 1 << 14, 1 << 22
)

// sampleByRejection draws rows until n meet the rest of the conditions: exact, but slow
// where those are rare.
func (o *generator) sampleByRejection(c *conditional, n int, balanced []uint32, seed uint64) ([][]uint32, error) {
	out := make([][]uint32, len(o.columns))
	for j := range out {
		out[j] = make([]uint32, n)
	}
	left := make([]int, n) // rows to be drawn
	for i := range left {
		left[i] = i
	}
	for round, vain := uint64(0), 0; len(left) > 0; round++ {
		var codes []uint32 // in the balanced column
		for i := range triedRows {
			if balanced != nil {
				codes = append(codes, balanced[left[i%len(left)]])
			}
		}
		rows := o.draw(c, RefineNone, triedRows, codes, rand.New(rand.NewPCG(seed, round)).Uint64())
		taken, next := make([]bool, len(left)), 0
		c.tried += triedRows
		vain += triedRows
		for i := range triedRows {
			if slices.ContainsFunc(c.rejected, func(w predicate) bool { return !w.codes.Has(rows[w.column][i]) }) {
				continue
			}
			c.met++
			k := next
			if balanced != nil {
				k = i % len(left)
			}
			if k == len(left) || taken[k] {
				continue
			}
			taken[k], next, vain = true, next+1, 0
			for j := range out {
				out[j][left[k]] = rows[j][i]
			}
		}
		missed := left[:0]
		for k, i := range left {
			if !taken[k] {
				missed = append(missed, i)
			}
		}
		left = missed
		if vain >= mostTried {
			return nil, &ConditionError{"where", c.rejected[0].text, fmt.Sprintf("together with the others, of %d rows none met it: drop or widen one", vain)}
		}
	}
	return out, nil
}
