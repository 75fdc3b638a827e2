package devicetest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// meanState is device.Mean on the host.
type meanState struct{ values, scale, count []float64 }

// meanState has observed nothing of some elements, of others a little or a lot.
func (f *fixture) meanState(n int) meanState {
	s := meanState{f.normal(1, n, 1)[0], f.positive(1, n)[0], make([]float64, n)}
	for i := range s.count {
		s.count[i] = []float64{0, 0.5, 3, 1e6}[f.random.IntN(4)]
	}
	return s
}

func (f *fixture) putMean(s meanState) device.Mean {
	f.Helper()
	return device.Mean{Values: f.putVector(s.values), Scale: f.putVector(s.scale), Count: f.putVector(s.count)}
}

// observe moves the mean by noised sums, in float64 as PrivateMean says.
func (s *meanState) observe(noised []int64, maxGradNorm, privateCount float64) {
	unit := math.Ldexp(maxGradNorm, -device.SumBits) / privateCount
	for i, sum := range noised {
		g := float64(s.scale[i] * (float64(sum) * unit))
		n := s.count[i] + 1
		s.count[i] = float64(float32(n))
		s.values[i] = float64(float32(s.values[i] + (g-s.values[i])/n))
	}
}

func (f *fixture) checkMean(got device.Mean, want meanState) {
	f.Helper()
	near(f.T, "values", values{f.getVector(got.Values)}, values{want.values}, exact)
	near(f.T, "scale", values{f.getVector(got.Scale)}, values{want.scale}, exact)
	near(f.T, "count", values{f.getVector(got.Count)}, values{want.count}, exact)
}

// testPrivateMean: to the last bit what the definition says, with the noise of
// device.RoundedNoise, recorded or not, twice in a row.
func testPrivateMean(f *fixture) {
	for _, n := range vectorSizes {
		for _, multiplier := range []float64{0, 0.7} {
			f.sub(fmt.Sprintf("multiplier %v/%d", multiplier, n), func(f *fixture) {
				const norm, count = 1.25, 30
				s, private := f.meanState(n), f.integers(n)
				noise, draws := f.noise(n, multiplier)
				mean, sum := f.putMean(s), f.putSums(private)
				f.d.PrivateMean(mean, sum, noise, norm, count)
				for i := range draws {
					private[i] += draws[i]
				}
				s.observe(private, norm, count)
				f.checkMean(mean, s)
				f.checkSums("private", sum, make([]int64, n))
				f.d.Record("mean", func() { f.d.PrivateMean(mean, sum, noise, norm, count) }).Run()
				s.observe(draws, norm, count)
				f.checkMean(mean, s)
			})
		}
	}
}

// testMeanNoise: the noise is PrivateAdam's of the same key, step and stream, and added
// as integers: a sum that all but cancels it leaves what is left to the last bit. The
// multipliers are testNoise's.
func testMeanNoise(f *fixture) {
	for _, c := range []struct {
		multiplier float64
		n          int
	}{{1, 1<<13 + 3}, {0x1p21, 100}, {0x1p27, 100}} {
		noise, draws := f.noise(c.n, c.multiplier)
		first := meanState{f.normal(1, c.n, 1)[0], constant(1, c.n, 1)[0], make([]float64, c.n)}
		adamed := f.adamState(c.n)
		adamed.beta1 = 0
		adam, zero := f.putAdam(adamed), make([]int64, c.n)
		f.d.PrivateAdam(adam, f.putSums(zero), f.putSums(zero), noise, 1<<device.SumBits, 1, 1)
		mean := f.putMean(first)
		f.d.PrivateMean(mean, f.putSums(zero), noise, 1<<device.SumBits, 1)
		near(f.T, fmt.Sprintf("noise of multiplier %v", c.multiplier), values{f.getVector(mean.Values)}, values{f.getVector(adam.First)}, exact)
		sums, left := make([]int64, c.n), make([]float64, c.n)
		for i := range sums {
			left[i] = float64(i % 7)
			sums[i] = int64(i%7) - draws[i]
		}
		again := f.putMean(first)
		f.d.PrivateMean(again, f.putSums(sums), noise, 1<<device.SumBits, 1)
		near(f.T, "what noise leaves", values{f.getVector(again.Values)}, values{left}, exact)
	}
}

// testMeanRefusal: what does not fit is an error.
func testMeanRefusal(f *fixture, open func(t *testing.T) device.Device) {
	for name, spoil := range map[string]func(mean *device.Mean, noise *device.Noise, norm, count *float64){
		"values too short": func(mean *device.Mean, _ *device.Noise, _, _ *float64) { mean.Values.Len-- },
		"scale too short":  func(mean *device.Mean, _ *device.Noise, _, _ *float64) { mean.Scale.Len-- },
		"count too short":  func(mean *device.Mean, _ *device.Noise, _, _ *float64) { mean.Count.Len-- },
		"no norm":          func(_ *device.Mean, _ *device.Noise, norm, _ *float64) { *norm = 0 },
		"no count":         func(_ *device.Mean, _ *device.Noise, _, count *float64) { *count = math.Inf(1) },
		"negative noise":   func(_ *device.Mean, noise *device.Noise, _, _ *float64) { noise.Multiplier = -1 },
		"stream too large": func(_ *device.Mean, noise *device.Noise, _, _ *float64) { noise.Stream = device.NoiseStreams },
		"no key":           func(_ *device.Mean, noise *device.Noise, _, _ *float64) { noise.Key = nil },
	} {
		f.T.Run(name, func(t *testing.T) {
			g := &fixture{T: t, d: open(t), random: f.random, placed: map[device.Buffer][]float32{}}
			defer func() { _ = g.d.Close() }()
			mean, sum := g.putMean(g.meanState(9)), g.putSums(make([]int64, 9))
			noise, _ := g.noise(9, 1)
			norm, count := 1.0, 2.0
			spoil(&mean, &noise, &norm, &count)
			g.d.PrivateMean(mean, sum, noise, norm, count)
			if err := g.d.Sync(); err == nil || !strings.Contains(err.Error(), "PrivateMean") {
				t.Errorf("Sync gives %v, want an error of PrivateMean", err)
			}
		})
	}
}
