package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

func testLinearBackwardWeights(f *fixture) {
	for _, s := range linearShapes {
		for _, scaled := range []bool{false, true} {
			f.sub(fmt.Sprintf("scaled=%v/%dx%dx%d", scaled, s.b, s.k, s.n), func(f *fixture) {
				x, dy := f.normal(s.b, s.k, 1), f.normal(s.b, s.n, 1)
				dw, db := f.normal(s.k, s.n, 1), f.normal(1, s.n, 1)
				factors, scale := constant(1, s.b, 1)[0], device.Vector{}
				if scaled {
					for i := range factors {
						factors[i] = float64(float32(f.random.Float64()))
						if i%3 == 1 {
							factors[i] = 0
						}
					}
					scale = f.putVector(factors)
				}
				weights, bias := f.put(dw), f.putVector(db[0])
				f.d.LinearBackwardWeights(weights, bias, f.put(x), f.put(dy), scale)
				sizes, biasSizes := backwardWeights(dw, db[0], x, dy, factors)
				near(f.T, "dw", f.get(weights), dw, f.product(sizes))
				near(f.T, "db", values{f.getVector(bias)}, db, single(values{biasSizes}))
			})
		}
	}
	f.sub("finite differences", func(f *fixture) {
		x, w, b, weights := f.normal(6, 5, 1), f.normal(5, 4, 1), f.normal(1, 4, 1), f.normal(6, 4, 1)
		dw, db := f.put(constant(5, 4, 0)), f.putVector(make([]float64, 4))
		f.d.LinearBackwardWeights(dw, db, f.put(x), f.put(weights), device.Vector{})
		loss := func() float64 {
			y, _ := affine(x, w, b[0])
			return weighted(weights, y)
		}
		want := slopes(loss, w)
		sizes, _ := backwardWeights(constant(5, 4, 0), make([]float64, 4), x, weights, constant(1, 6, 1)[0])
		near(f.T, "dw", f.get(dw), want, f.sloped(want, sizes))
		want = slopes(loss, b)
		near(f.T, "db", values{f.getVector(db)}, want, within(want, 1e-5, 1e-5))
	})
}

// backwardWeights adds the sums to dw and db, and returns those of the absolute
// terms.
func backwardWeights(dw values, db []float64, x, dy values, scale []float64) (sizes values, biasSizes []float64) {
	sizes, biasSizes = constant(len(dw), len(db), 0), make([]float64, len(db))
	for j := range db {
		biasSizes[j] = math.Abs(db[j])
		for i := range dy {
			db[j] += scale[i] * dy[i][j]
			biasSizes[j] += math.Abs(scale[i] * dy[i][j])
		}
		for k := range dw {
			sizes[k][j] = math.Abs(dw[k][j])
			for i := range dy {
				dw[k][j] += x[i][k] * scale[i] * dy[i][j]
				sizes[k][j] += math.Abs(x[i][k] * scale[i] * dy[i][j])
			}
		}
	}
	return sizes, biasSizes
}

// testZeroScale: what a row of scale 0 holds does not matter to the last bit,
// and a batch of only such rows changes nothing.
func testZeroScale(f *fixture) {
	hostile := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat32, 0}
	for _, s := range linearShapes {
		f.sub(fmt.Sprintf("%dx%dx%d", s.b, s.k, s.n), func(f *fixture) {
			x, dy := f.normal(s.b, s.k, 1), f.normal(s.b, s.n, 1)
			before, bias := f.normal(s.k, s.n, 1), f.normal(1, s.n, 1)
			sum := func(x, dy values, scale []float64) (values, values) {
				dw, db := f.put(before), f.putVector(bias[0])
				f.d.LinearBackwardWeights(dw, db, f.put(x), f.put(dy), f.putVector(scale))
				return f.get(dw), values{f.getVector(db)}
			}
			none := make([]float64, s.b)
			some := make([]float64, s.b)
			for i := range some {
				if i%4 != 0 && i%7 != 3 {
					some[i] = 0.5
				}
			}
			spoil := func(scale []float64) (values, values) {
				badX, badDY := x.clone(), dy.clone()
				for i := range scale {
					if scale[i] == 0 {
						badX[i][f.random.IntN(s.k)] = hostile[i%len(hostile)]
						badDY[i][f.random.IntN(s.n)] = hostile[(i/5+i)%len(hostile)]
					}
				}
				return badX, badDY
			}
			wantW, wantB := sum(x, dy, some)
			badX, badDY := spoil(some)
			gotW, gotB := sum(badX, badDY, some)
			near(f.T, "dw with hostile rows of scale 0", gotW, wantW, exact)
			near(f.T, "db with hostile rows of scale 0", gotB, wantB, exact)
			badX, badDY = spoil(none)
			gotW, gotB = sum(badX, badDY, none)
			near(f.T, "dw of only rows of scale 0", gotW, before, exact)
			near(f.T, "db of only rows of scale 0", gotB, bias, exact)
		})
	}
}
