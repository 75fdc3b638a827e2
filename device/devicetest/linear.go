package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// linearShapes are B, K, N: one row, odd sizes, one column, and sizes beyond
// the tiles of a kernel.
var linearShapes = []struct{ b, k, n int }{
	{1, 1, 1}, {1, 7, 3}, {3, 5, 1}, {33, 17, 65}, {64, 64, 64}, {129, 250, 64}, {200, 70, 257}, {1031, 31, 33},
}

type namedActivation struct {
	name string
	device.Activation
}

func (f *fixture) activations() []namedActivation {
	rng, _ := f.rng(21)
	return []namedActivation{
		{"identity", device.Activation{}},
		{"relu", device.Activation{Kind: device.ReLU}},
		{"leaky", device.Activation{Kind: device.LeakyReLU}},
		{"leaky and dropout", device.Activation{Kind: device.LeakyReLU, Dropout: 0.3, RNG: rng}},
		{"relu and dropout", device.Activation{Kind: device.ReLU, Dropout: 0.5, RNG: rng}},
	}
}

func testLinearForward(f *fixture) {
	for _, named := range f.activations() {
		name, act := named.name, named.Activation
		for _, s := range linearShapes {
			if s.b > 64 && act.Kind == device.ReLU {
				continue // the large shapes test the product, once per kind of dropout
			}
			f.sub(fmt.Sprintf("%s/%dx%dx%d", name, s.b, s.k, s.n), func(f *fixture) {
				x, w, b := f.normal(s.b, s.k, 1), f.normal(s.k, s.n, 1), f.normal(1, s.n, 1)
				y := f.hole(s.b, s.n)
				f.d.LinearForward(y, f.put(x), f.put(w), f.putVector(b[0]), act)
				want, sizes := affine(x, w, b[0])
				bound := f.product(sizes)
				near(f.T, "y", f.get(y), f.activate(want, act), func(i, j int) float64 { return bound(i, j) / (1 - float64(act.Dropout)) })
			})
		}
	}
	f.sub("slices of wider matrices", func(f *fixture) {
		x, w, b := f.normal(10, 12, 1), f.normal(5, 4, 1), f.normal(1, 4, 1)
		wide := f.normal(10, 9, 1)
		y := f.put(wide)
		f.d.LinearForward(y.Columns(3, 7), f.put(x).Columns(6, 11), f.put(w), f.putVector(b[0]), device.Activation{})
		part := constant(10, 5, 0)
		for i := range part {
			copy(part[i], x[i][6:11])
		}
		want, sizes := affine(part, w, b[0])
		bounds := constant(10, 9, 0)
		for i := range wide {
			copy(wide[i][3:7], want[i])
			copy(bounds[i][3:7], sizes[i])
		}
		near(f.T, "y", f.get(y), wide, f.product(bounds))
	})
}

// affine is x·w + b, and the sum of the absolute terms of each element.
func affine(x, w values, b []float64) (y, sizes values) {
	y, sizes = constant(len(x), len(b), 0), constant(len(x), len(b), 0)
	for i := range x {
		for j := range b {
			y[i][j], sizes[i][j] = b[j], math.Abs(b[j])
			for k := range w {
				y[i][j] += x[i][k] * w[k][j]
				sizes[i][j] += math.Abs(x[i][k] * w[k][j])
			}
		}
	}
	return y, sizes
}

// product bounds the error of a sum of products whose operands are rounded to the
// device's precision.
func (f *fixture) product(sizes values) func(i, j int) float64 {
	unit := operandRounding(f.d.Precision())
	return rounded(sizes, 4e-6+unit*(2+unit))
}

// single bounds the error of a float32 sum by a few roundings.
func single(sizes values) func(i, j int) float64 { return rounded(sizes, 4e-6) }

// rounded bounds errors relative to the sums of the absolute terms.
func rounded(sizes values, relative float64) func(i, j int) float64 {
	return func(i, j int) float64 { return relative*sizes[i][j] + 1e-30 }
}

// operandRounding is the largest relative error of an operand: half a unit in its
// last place.
func operandRounding(precision device.Precision) float64 {
	switch precision {
	case device.TensorFloat32:
		return 0x1p-11
	case device.BrainFloat16:
		return 0x1p-8
	}
	return 0
}

// activate is the activation and its dropout.
func (f *fixture) activate(z values, act device.Activation) values {
	draw, y := f.read(act), z.clone()
	for i := range y {
		for j := range y[i] {
			y[i][j] = activated(z[i][j], act.Kind)
			if act.Dropout > 0 {
				y[i][j] /= 1 - float64(act.Dropout)
				if draw.Uniform(i*len(z[i])+j) < act.Dropout {
					y[i][j] = 0
				}
			}
		}
	}
	return y
}

func activated(z float64, kind device.ActivationKind) float64 {
	switch {
	case kind == device.LeakyReLU && z < 0:
		return device.LeakySlope * z
	case kind == device.ReLU && z < 0:
		return 0
	}
	return z
}

// derivative is that of ReLU or LeakyReLU, from its output.
func derivative(y float64, act device.Activation) float64 {
	s := 1 / (1 - float64(act.Dropout))
	switch {
	case y > 0:
		return s
	case y < 0 && act.Kind == device.LeakyReLU:
		return device.LeakySlope * s
	}
	return 0
}

func testLinearBackwardData(f *fixture) {
	for _, named := range f.activations() {
		name, act := named.name, named.Activation
		for _, s := range linearShapes {
			if s.b > 64 && act.Kind == device.ReLU {
				continue
			}
			f.sub(fmt.Sprintf("%s/%dx%dx%d", name, s.b, s.k, s.n), func(f *fixture) {
				dy, w, before := f.normal(s.b, s.n, 1), f.normal(s.k, s.n, 1), f.normal(s.b, s.k, 1)
				x := f.activate(f.normal(s.b, s.k, 1), act)
				want, sizes := backwardData(dy, w, x, act)
				dx, added := f.hole(s.b, s.k), f.put(before)
				below := device.Matrix{}
				if act.Kind != device.Identity {
					below = f.put(x)
				}
				f.d.LinearBackwardData(dx, f.put(dy), f.put(w), below, act, false)
				f.d.LinearBackwardData(added, f.put(dy), f.put(w), below, act, true)
				near(f.T, "dx", f.get(dx), want, f.product(sizes))
				for i := range want {
					for k := range want[i] {
						want[i][k] += before[i][k]
						sizes[i][k] += math.Abs(before[i][k])
					}
				}
				near(f.T, "dx accumulated", f.get(added), want, f.product(sizes))
			})
		}
		f.sub(name+"/finite differences", func(f *fixture) {
			z, w, weights := f.normal(6, 5, 1), f.normal(5, 4, 1), f.normal(6, 4, 1)
			dx := f.hole(6, 5)
			f.d.LinearBackwardData(dx, f.put(weights), f.put(w), f.put(f.activate(z, act)), act, false)
			want := slopes(func() float64 {
				y, _ := affine(f.activate(z, act), w, make([]float64, 4))
				return weighted(weights, y)
			}, z)
			_, sizes := backwardData(weights, w, f.activate(z, act), act)
			near(f.T, "dx", f.get(dx), want, f.sloped(want, sizes))
		})
	}
}

// sloped bounds the error of a sum of products against finite differences, whose
// own is of the order of 1e-5.
func (f *fixture) sloped(want, sizes values) func(i, j int) float64 {
	bound, own := f.product(sizes), within(want, 1e-5, 1e-5)
	return func(i, j int) float64 { return bound(i, j) + own(i, j) }
}

// backwardData is (dy·wᵀ) ⊙ act′, and the sums of the absolute terms.
func backwardData(dy, w, x values, act device.Activation) (dx, sizes values) {
	dx, sizes = constant(len(dy), len(w), 0), constant(len(dy), len(w), 0)
	for i := range dy {
		for k := range w {
			slope := 1.0
			if act.Kind != device.Identity {
				slope = derivative(x[i][k], act)
			}
			for j := range w[k] {
				term := dy[i][j] * w[k][j] * slope
				dx[i][k] += term
				sizes[i][k] += math.Abs(term)
			}
		}
	}
	return dx, sizes
}
