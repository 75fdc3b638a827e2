package eval

import (
	"context"
	"math"

	"github.com/dpgan/dpgan/internal/parallel"
)

// neighbour is what the nearest rows of a reference are to a query.
type neighbour struct {
	first, second uint32 // distances in units; MaxUint32 where there is no such row
	at            int32  // the nearest row, of equal ones the first
}

// ratio is the distance to the nearest row over that to the second nearest: 0
// for a row that matches one row alone, 1 where the first two are equally near.
func (n neighbour) ratio() float64 {
	if n.first == n.second {
		return 1
	}
	return float64(n.first) / float64(n.second)
}

// nearest finds the two nearest rows of reference for every query:
// queries · reference · columns steps at most.
func nearest(ctx context.Context, queries, reference *packed) ([]neighbour, error) {
	out := make([]neighbour, queries.rows)
	err := parallel.Until(ctx, queries.rows, func(i int) {
		best := neighbour{math.MaxUint32, math.MaxUint32, -1}
		query := queries.categories(i)
		limit := cellsWithin(best.second)
		for k := reference.firstNear(query, 0, limit); k < reference.rows; k = reference.firstNear(query, k+1, limit) {
			switch d := queries.distance(i, reference, k, best.second); {
			case d < best.first:
				best = neighbour{d, best.first, int32(k)}
			case d < best.second:
				best.second = d
			default:
				continue
			}
			limit = cellsWithin(best.second)
		}
		out[i] = best
	})
	return out, err
}

// nearestSeveral finds the count nearest rows of reference for every query; of
// equally near ones the first.
func nearestSeveral(ctx context.Context, queries, reference *packed, count int) ([][]int32, error) {
	out := make([][]int32, queries.rows)
	err := parallel.Workers(ctx, queries.rows, func() func(int) error {
		distances := make([]uint32, count)
		return func(i int) error {
			rows := make([]int32, 0, count)
			query, farthest := queries.categories(i), uint32(math.MaxUint32)
			k := reference.firstNear(query, 0, cellsWithin(farthest))
			for ; k < reference.rows; k = reference.firstNear(query, k+1, cellsWithin(farthest)) {
				d := queries.distance(i, reference, k, farthest)
				if d >= farthest {
					continue
				}
				at := len(rows)
				if at < count {
					rows = append(rows, 0)
				} else {
					at--
				}
				for at > 0 && distances[at-1] > d {
					distances[at], rows[at] = distances[at-1], rows[at-1]
					at--
				}
				distances[at], rows[at] = d, int32(k)
				if len(rows) == count {
					farthest = distances[count-1]
				}
			}
			out[i] = rows
			return nil
		}
	})
	return out, err
}
