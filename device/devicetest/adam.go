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
		for _, multiplier := range []float64{0, 0.7} {
			f.sub(fmt.Sprintf("multiplier %v/%d", multiplier, n), func(f *fixture) {
				const norm = 1.25
				s, private, public := f.adamState(n), f.integers(n), f.integers(n)
				noise, draws := f.noise(n, multiplier)
				adam, sum, open := f.putAdam(s), f.putSums(private), f.putSums(public)
				f.d.PrivateAdam(adam, sum, open, noise, norm, 30, 50)
				g := make([]float64, n)
				for i := range g {
					g[i] = norm * math.Ldexp(float64(private[i]+draws[i])/30+float64(public[i])/50, -device.SumBits)
				}
				s.update(g)
				f.checkAdam(adam, s)
				f.checkSums("private", sum, make([]int64, n))
				f.checkSums("public", open, make([]int64, n))
			})
		}
	}
}

// integers are sums as of some records.
func (f *fixture) integers(n int) []int64 {
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(3 * (1 << device.SumBits) * f.random.NormFloat64())
	}
	return v
}

// noise is a random source and its first n draws. Step and stream use all their
// bits.
func (f *fixture) noise(n int, multiplier float64) (device.Noise, []int64) {
	f.Helper()
	var key [8]uint32
	for i := range key {
		key[i] = f.random.Uint32()
	}
	step, stream := f.random.Uint64(), f.random.Uint32N(device.NoiseStreams)
	draws := make([]int64, 0, n+8)
	for b := uint32(0); len(draws) < n; b++ {
		if multiplier == 0 {
			draws = append(draws, make([]int64, 8)...)
			continue
		}
		for _, draw := range device.RoundedNoise(&key, stream, step, b, math.Ldexp(multiplier, device.SumBits)) {
			draws = append(draws, int64(draw))
		}
	}
	return device.Noise{Key: f.words(key[:]...), Step: f.counter(step), Stream: stream, Multiplier: multiplier}, draws[:n]
}

// testNoise looks at the noise alone: with beta1 = 0 the first moment is the noised
// gradient. A record count and a norm that are powers of two leave the integers as
// they are; those of the last multipliers are so large that float64 decides none of
// their draws, or few.
func testNoise(f *fixture) {
	for _, c := range []struct {
		multiplier float64
		n          int
	}{{1, 1<<16 + 3}, {0x1p-10, 1<<16 + 3}, {0x1p21, 100}, {0x1p27, 100}} {
		noise, draws := f.noise(c.n, c.multiplier)
		s := f.adamState(c.n)
		s.beta1 = 0
		adam := f.putAdam(s)
		zero := make([]int64, c.n)
		f.d.PrivateAdam(adam, f.putSums(zero), f.putSums(zero), noise, 1<<device.SumBits, 1, 1)
		got := f.getVector(adam.First)
		for i := range got {
			if want := float64(float32(draws[i])); got[i] != want {
				f.Fatalf("multiplier %v: draw %d = %v, want %v", c.multiplier, i, got[i], want)
			}
			got[i] = math.Ldexp(float64(draws[i])/c.multiplier, -device.SumBits)
		}
		standardNormal(f.T, fmt.Sprintf("noise of multiplier %v", c.multiplier), got)
		// A sum that all but cancels the noise shows whether both are added as integers.
		sums := make([]int64, c.n)
		for i := range sums {
			sums[i] = int64(i%7) - draws[i]
		}
		f.d.PrivateAdam(adam, f.putSums(sums), f.putSums(zero), noise, 1<<device.SumBits, 1, 1)
		for i, got := range f.getVector(adam.First) {
			if got != float64(i%7) {
				f.Fatalf("multiplier %v: %d and draw %d make %v, want %d", c.multiplier, sums[i], i, got, i%7)
			}
		}
	}
}
