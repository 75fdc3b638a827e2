package devicetest

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/device"
)

// adamState is device.Adam on the host.
type adamState struct {
	parameters, first, second   []float64
	rate, beta1, beta2, epsilon float64
	step                        float64
}

func (f *fixture) adamState(n int) adamState {
	s := adamState{f.normal(1, n, 1)[0], f.normal(1, n, 0.1)[0], f.normal(1, n, 0.1)[0],
		float64(float32(1e-3)), 0.5, float64(float32(0.9)), float64(float32(1e-8)), float64(1 + f.random.IntN(5))}
	for i := range s.second {
		s.second[i] = float64(float32(s.second[i] * s.second[i]))
	}
	return s
}

func (f *fixture) putAdam(s adamState) device.Adam {
	rate := f.putVector([]float64{s.rate, 0})
	// The learning rate is a buffer of its own.
	rate.Buffer = f.alloc(device.Float32, 1)
	f.d.Upload(rate.Buffer, 0, []float32{float32(s.rate)})
	return device.Adam{Parameters: f.putVector(s.parameters), First: f.putVector(s.first), Second: f.putVector(s.second),
		LearningRate: rate.Buffer, Step: f.counter(uint64(s.step)),
		Beta1: float32(s.beta1), Beta2: float32(s.beta2), Epsilon: float32(s.epsilon)}
}

// update is Algorithm 1 of Kingma and Ba.
func (s *adamState) update(gradient []float64) {
	for i, g := range gradient {
		s.first[i] = s.beta1*s.first[i] + (1-s.beta1)*g
		s.second[i] = s.beta2*s.second[i] + (1-s.beta2)*g*g
		m := s.first[i] / (1 - math.Pow(s.beta1, s.step))
		v := s.second[i] / (1 - math.Pow(s.beta2, s.step))
		s.parameters[i] -= s.rate * m / (math.Sqrt(v) + s.epsilon)
	}
}

func (f *fixture) checkAdam(got device.Adam, want adamState) {
	f.Helper()
	for _, part := range []struct {
		name string
		got  device.Vector
		want []float64
	}{{"parameters", got.Parameters, want.parameters}, {"first moments", got.First, want.first}, {"second moments", got.Second, want.second}} {
		want := values{part.want}
		near(f.T, part.name, values{f.getVector(part.got)}, want, within(want, 1e-6, 1e-5))
	}
}

var vectorSizes = []int{1, 7, 255, 4097, 20033}

func testAdamUpdate(f *fixture) {
	for _, n := range vectorSizes {
		f.sub(fmt.Sprint(n), func(f *fixture) {
			s, g := f.adamState(n), f.normal(1, n, 0.1)
			adam, gradient := f.putAdam(s), f.putVector(g[0])
			f.d.AdamUpdate(adam, gradient)
			s.update(g[0])
			f.checkAdam(adam, s)
			near(f.T, "gradient", values{f.getVector(gradient)}, constant(1, n, 0), exact)
		})
	}
}

func testPrivateAdam(f *fixture) {
	for _, n := range vectorSizes {
		for _, std := range []float64{0, 0.7} {
			f.sub(fmt.Sprintf("std %v/%d", std, n), func(f *fixture) {
				s, private, public := f.adamState(n), f.normal(1, n, 3), f.normal(1, n, 3)
				noise, normals := f.noise(n, std)
				adam, sum, open := f.putAdam(s), f.putVector(private[0]), f.putVector(public[0])
				f.d.PrivateAdam(adam, sum, open, noise, 30, 50)
				g := make([]float64, n)
				for i := range g {
					g[i] = onGrid(private[0][i]+std*normals[i], std)/30 + public[0][i]/50
				}
				s.update(g)
				f.checkAdam(adam, s)
				near(f.T, "private", values{f.getVector(sum)}, constant(1, n, 0), exact)
				near(f.T, "public", values{f.getVector(open)}, constant(1, n, 0), exact)
			})
		}
	}
}

// noise is a random source and its first n normals. Step and stream use all
// their bits.
func (f *fixture) noise(n int, std float64) (device.Noise, []float64) {
	f.Helper()
	var key [8]uint32
	for i := range key {
		key[i] = f.random.Uint32()
	}
	step, stream := f.random.Uint64(), f.random.Uint32()
	normals := make([]float64, 0, n+8)
	for b := uint32(0); len(normals) < n; b++ {
		block := device.NoiseBlock(&key, stream, step, b)
		normals = append(normals, block[:]...)
	}
	return device.Noise{Key: f.words(key[:]...), Step: f.counter(step), Stream: stream, Std: std}, normals[:n]
}

func onGrid(x, std float64) float64 {
	if std == 0 {
		return x
	}
	grid := 0x1p-20 * std
	return math.RoundToEven(x/grid) * grid
}

// testNoise looks at the noise alone: with beta1 = 0 the first moment is the
// noised gradient.
func testNoise(f *fixture) {
	const n = 1<<16 + 3
	draw := func(std float64) (got, normals []float64) {
		zero := f.putVector(make([]float64, n))
		noise, normals := f.noise(n, std)
		s := f.adamState(n)
		s.beta1 = 0
		adam := f.putAdam(s)
		f.d.PrivateAdam(adam, zero, f.putVector(make([]float64, n)), noise, 1, 1)
		return f.getVector(adam.First), normals
	}
	for _, std := range []float64{1, 0x1p-10} { // powers of two, so that the grid is exact in float32
		got, normals := draw(std)
		differ := 0
		for i := range got {
			got[i] /= std
			if got[i]*(1<<20) != math.Round(got[i]*(1<<20)) {
				f.Fatalf("std %v: noise %d = %v std is not on the grid of 2^-20", std, i, got[i])
			}
			if got[i] != onGrid(normals[i], 1) {
				differ++
			}
			if math.Abs(got[i]-normals[i]) > 0x1p-20+1e-6*math.Abs(normals[i]) {
				f.Fatalf("std %v: noise %d = %v std, want %v", std, i, got[i], normals[i])
			}
		}
		// Another log or sine may round a value across the middle of two grid points.
		if differ > n/1000 {
			f.Errorf("std %v: %d of %d normals lie on another grid point", std, differ, n)
		}
		standardNormal(f.T, fmt.Sprintf("noise of std %v", std), got)
	}
}
