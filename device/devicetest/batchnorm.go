package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// normState is device.BatchNorm on the host.
type normState struct{ gamma, beta, mean, inverse []float64 }

func (f *fixture) normState(n int) normState {
	return normState{f.normal(1, n, 1)[0], f.normal(1, n, 1)[0], make([]float64, n), make([]float64, n)}
}

func (f *fixture) putNorm(s normState) device.BatchNorm {
	return device.BatchNorm{
		Gamma: f.putVector(s.gamma), Beta: f.putVector(s.beta),
		Mean: f.putVector(s.mean), InverseStd: f.putVector(s.inverse),
	}
}

// batchNorm is one forward pass; it updates s.
func (s *normState) batchNorm(x values) values {
	y, rows := x.clone(), float64(len(x))
	for j := range s.gamma {
		mean, variance := 0.0, 0.0
		for i := range x {
			mean += x[i][j] / rows
		}
		for i := range x {
			variance += (x[i][j] - mean) * (x[i][j] - mean) / rows
		}
		s.mean[j], s.inverse[j] = mean, 1/math.Sqrt(variance+device.BatchNormEpsilon)
		for i := range x {
			y[i][j] = max(0, s.gamma[j]*(x[i][j]-mean)*s.inverse[j]+s.beta[j])
		}
	}
	return y
}

var normShapes = []struct{ b, n int }{{1, 3}, {2, 1}, {7, 33}, {64, 128}, {500, 65}, {1100, 7}}

func testBatchNormForward(f *fixture) {
	for _, size := range normShapes {
		for _, inPlace := range []bool{false, true} {
			f.sub(fmt.Sprintf("in place=%v/%dx%d", inPlace, size.b, size.n), func(f *fixture) {
				x, s := f.offColumns(size.b, size.n), f.normState(size.n)
				norm, onX := f.putNorm(s), f.put(x)
				y := onX
				if !inPlace {
					y = f.hole(size.b, size.n)
				}
				f.d.BatchNormForward(y, onX, norm)
				want := s.batchNorm(x)
				near(f.T, "y", f.get(y), want, s.rounding(1e-5))
				near(f.T, "mean", values{f.getVector(norm.Mean)}, values{s.mean}, within(values{s.mean}, 1e-6, 1e-5))
				near(f.T, "inverse std", values{f.getVector(norm.InverseStd)}, values{s.inverse}, within(values{s.inverse}, 1e-6, 1e-5))
			})
		}
	}
}

// offColumns draws columns of which some lie far from zero, where a variance
// from float32 sums is lost.
func (f *fixture) offColumns(rows, cols int) values {
	x := f.normal(rows, cols, 1)
	for i := range x {
		for j := range x[i] {
			if j%3 == 1 {
				x[i][j] = float64(float32(x[i][j] + 1000))
			}
		}
	}
	return x
}

// rounding bounds the error of a normalised element: x itself is rounded
// relative to its distance from zero, in units of the standard deviation.
func (s *normState) rounding(unit float64) func(i, j int) float64 {
	return func(_, j int) float64 {
		return unit * (1 + math.Abs(s.gamma[j])*(3+math.Abs(s.mean[j])*s.inverse[j]/10))
	}
}

func testBatchNormBackward(f *fixture) {
	for _, size := range normShapes {
		for _, inPlace := range []bool{false, true} {
			f.sub(fmt.Sprintf("in place=%v/%dx%d", inPlace, size.b, size.n), func(f *fixture) {
				x, dy, s := f.normal(size.b, size.n, 1), f.normal(size.b, size.n, 1), f.normState(size.n)
				dgamma, dbeta := f.normal(1, size.n, 1), f.normal(1, size.n, 1)
				norm, onX, y, onDY := f.putNorm(s), f.put(x), f.hole(size.b, size.n), f.put(dy)
				gamma, beta, dx := f.putVector(dgamma[0]), f.putVector(dbeta[0]), onDY
				if !inPlace {
					dx = f.hole(size.b, size.n)
				}
				f.d.BatchNormForward(y, onX, norm)
				f.d.BatchNormBackward(dx, onDY, onX, y, norm, gamma, beta)
				output := s.batchNorm(x)
				want := s.batchNormBackward(dy, x, output, dgamma[0], dbeta[0])
				near(f.T, "dx", f.get(dx), want, s.gradientRounding(2e-5))
				near(f.T, "dgamma", values{f.getVector(gamma)}, dgamma, within(dgamma, 2e-5*math.Sqrt(float64(size.b)), 1e-5))
				near(f.T, "dbeta", values{f.getVector(beta)}, dbeta, within(dbeta, 2e-5*math.Sqrt(float64(size.b)), 1e-5))
			})
		}
	}
	f.sub("finite differences", func(f *fixture) {
		x, weights, s := f.normal(9, 5, 1), f.normal(9, 5, 1), f.normState(5)
		norm, onX, y, dx := f.putNorm(s), f.put(x), f.hole(9, 5), f.hole(9, 5)
		dgamma, dbeta := f.putVector(make([]float64, 5)), f.putVector(make([]float64, 5))
		f.d.BatchNormForward(y, onX, norm)
		f.d.BatchNormBackward(dx, f.put(weights), onX, y, norm, dgamma, dbeta)
		loss := func() float64 { return weighted(weights, s.batchNorm(x)) }
		for _, g := range []struct {
			name      string
			got, want values
		}{{"dx", f.get(dx), slopes(loss, x)},
			{"dgamma", values{f.getVector(dgamma)}, slopes(loss, values{s.gamma})},
			{"dbeta", values{f.getVector(dbeta)}, slopes(loss, values{s.beta})}} {
			near(f.T, g.name, g.got, g.want, within(g.want, 2e-5, 2e-5))
		}
	})
}

// batchNormBackward is dx, from the statistics in s; it adds to dgamma and dbeta.
func (s *normState) batchNormBackward(dy, x, y values, dgamma, dbeta []float64) values {
	dx, rows := dy.clone(), float64(len(x))
	for j := range s.gamma {
		plain, weighted := 0.0, 0.0
		for i := range x {
			if y[i][j] > 0 {
				plain += dy[i][j]
				weighted += dy[i][j] * (x[i][j] - s.mean[j]) * s.inverse[j]
			}
		}
		dgamma[j] += weighted
		dbeta[j] += plain
		for i := range x {
			g := 0.0
			if y[i][j] > 0 {
				g = dy[i][j]
			}
			normalised := (x[i][j] - s.mean[j]) * s.inverse[j]
			dx[i][j] = s.gamma[j] * s.inverse[j] * (g - plain/rows - normalised*weighted/rows)
		}
	}
	return dx
}

// gradientRounding bounds the error of dx, which scales with γ/√(v+ε).
func (s *normState) gradientRounding(unit float64) func(i, j int) float64 {
	return func(_, j int) float64 { return unit * (1 + math.Abs(s.gamma[j])*s.inverse[j]) }
}
