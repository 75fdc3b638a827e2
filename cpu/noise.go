package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// PrivateAdam adds the noise to the private sum and updates the parameters.
func (d *Device) PrivateAdam(state device.Adam, private, public device.Vector, noise device.Noise, maxGradNorm, privateCount, publicCount float64) {
	o := d.begin("PrivateAdam")
	a := o.adam(state)
	n := state.Parameters.Len
	u := update{kernels: d.kernels, adam: a, private: o.uint64s("private", private, n), public: o.uint64s("public", public, n), noise: o.noise(noise)}
	for _, x := range []float64{maxGradNorm, privateCount, publicCount} {
		if !(x > 0) || math.IsInf(x, 0) {
			d.fail("PrivateAdam: maxGradNorm=%v, private count=%v, public count=%v: must be > 0 and finite", maxGradNorm, privateCount, publicCount)
		}
	}
	if o.failed() {
		return
	}
	unit := math.Ldexp(maxGradNorm, -device.SumBits)
	u.perPrivate, u.perPublic = unit/privateCount, unit/publicCount
	d.update = u
	d.pool.split(n, elementsPerBlock, &d.update)
}

// addNoise makes the gradient of elements [from, to): the noised private sum over
// the private count, and the public sum over its own. It zeroes the sums. from is a
// multiple of elementsPerBlock, so each ChaCha20 block has one owner.
func (u *update) addNoise(w *worker, from, to int) []float32 {
	draws := grow(&w.words64, roundUp(to-from, 4*u.lanes))
	clear(draws)
	if sigma := u.noise.sigma; sigma > 0 {
		state := &w.chacha
		copy(state[:8], u.noise.key[:])
		state[8], state[9], state[10], state[11] = uint32(from/8), u.noise.stream, uint32(u.noise.step), uint32(u.noise.step>>32)
		if u.kernels.noise(draws, state, sigma) != 0 {
			u.noise.decide(draws[:to-from], uint64(from))
		}
	}
	gradient := grow(&w.float32s, to-from)
	u.noised(gradient, u.private[from:to], u.public[from:to], draws[:to-from], u.perPrivate, u.perPublic)
	return gradient
}

// noiseSource is device.Noise read out.
type noiseSource struct {
	key    [8]uint32
	stream uint32
	step   uint64
	sigma  float64 // in multiples of the sums' grid
}

// decide draws those of draws, the first number from, that the kernel left open.
func (s *noiseSource) decide(draws []uint64, from uint64) {
	for i, draw := range draws {
		if draw == undecided {
			draws[i] = uint64(int64(device.ExactNoise(&s.key, s.stream, s.step, from+uint64(i), s.sigma)))
		}
	}
}

func (o operation) noise(n device.Noise) (source noiseSource) {
	key, step := o.uint32s("key", n.Key, 8), o.scalar("step", n.Step)
	if !(n.Multiplier >= 0) || n.Multiplier > device.MostNoise {
		o.fail("%s: noise multiplier=%v: must lie between 0 and %g", o.name, n.Multiplier, device.MostNoise)
	}
	if n.Stream >= device.NoiseStreams {
		o.fail("%s: noise stream=%d: must be below %d", o.name, n.Stream, uint32(device.NoiseStreams))
	}
	if o.failed() {
		return source
	}
	copy(source.key[:], key)
	source.stream, source.step, source.sigma = n.Stream, *step, math.Ldexp(n.Multiplier, device.SumBits)
	return source
}
