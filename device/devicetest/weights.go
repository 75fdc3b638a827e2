package devicetest

import (
	"fmt"
	"math"
)

func testLinearBackwardWeights(f *fixture) {
	for _, s := range linearShapes {
		f.sub(fmt.Sprintf("%dx%dx%d", s.b, s.k, s.n), func(f *fixture) {
			x, dy := f.normal(s.b, s.k, 1), f.normal(s.b, s.n, 1)
			dw, db := f.normal(s.k, s.n, 1), f.normal(1, s.n, 1)
			weights, bias := f.put(dw), f.putVector(db[0])
			f.d.LinearBackwardWeights(weights, bias, f.put(x), f.put(dy))
			sizes, biasSizes := backwardWeights(dw, db[0], x, dy)
			near(f.T, "dw", f.get(weights), dw, f.product(sizes))
			near(f.T, "db", values{f.getVector(bias)}, db, single(values{biasSizes}))
		})
	}
	f.sub("finite differences", func(f *fixture) {
		x, w, b, weights := f.normal(6, 5, 1), f.normal(5, 4, 1), f.normal(1, 4, 1), f.normal(6, 4, 1)
		dw, db := f.put(constant(5, 4, 0)), f.putVector(make([]float64, 4))
		f.d.LinearBackwardWeights(dw, db, f.put(x), f.put(weights))
		loss := func() float64 {
			y, _ := affine(x, w, b[0])
			return weighted(weights, y)
		}
		want := slopes(loss, w)
		sizes, _ := backwardWeights(constant(5, 4, 0), make([]float64, 4), x, weights)
		near(f.T, "dw", f.get(dw), want, f.sloped(want, sizes))
		want = slopes(loss, b)
		near(f.T, "db", values{f.getVector(db)}, want, within(want, 1e-5, 1e-5))
	})
}

// backwardWeights adds the sums to dw and db, and returns those of the absolute
// terms.
func backwardWeights(dw values, db []float64, x, dy values) (sizes values, biasSizes []float64) {
	sizes, biasSizes = constant(len(dw), len(db), 0), make([]float64, len(db))
	for j := range db {
		biasSizes[j] = math.Abs(db[j])
		for i := range dy {
			db[j] += dy[i][j]
			biasSizes[j] += math.Abs(dy[i][j])
		}
		for k := range dw {
			sizes[k][j] = math.Abs(dw[k][j])
			for i := range dy {
				dw[k][j] += x[i][k] * dy[i][j]
				sizes[k][j] += math.Abs(x[i][k] * dy[i][j])
			}
		}
	}
	return sizes, biasSizes
}
