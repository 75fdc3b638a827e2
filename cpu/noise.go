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
	u.perPrivate, u.perPublic = o.unit(maxGradNorm, privateCount), o.unit(maxGradNorm, publicCount)
	if o.failed() {
		return
	}
	d.update = u
	d.pool.split(n, elementsPerBlock, &d.update)
}

// unit is what one of a sum's integers is worth in the mean of count records.
func (o operation) unit(maxGradNorm, count float64) float64 {
	for _, x := range []float64{maxGradNorm, count} {
		if !(x > 0) || math.IsInf(x, 0) {
			o.fail("%s: maxGradNorm=%v, count=%v: must be > 0 and finite", o.name, maxGradNorm, count)
		}
	}
	return math.Ldexp(maxGradNorm, -device.SumBits) / count
}

// addNoise makes the gradient of elements [from, to): the noised private sum over
// the private count, and the public sum over its own. It zeroes the sums.
func (u *update) addNoise(w *worker, from, to int) []float32 {
	draws := u.noise.draw(u.kernels, w, from, to)
	gradient := grow(&w.float32s, to-from)
	u.noised(gradient, u.private[from:to], u.public[from:to], draws, u.perPrivate, u.perPublic)
	return gradient
}

// noiseSource is device.Noise read out.
type noiseSource struct {
	key    [8]uint32
	stream uint32
	step   uint64
	sigma  float64 // in multiples of the sums' grid
}

// draw makes the noise of elements [from, to). from is a multiple of elementsPerBlock,
// so each ChaCha20 block has one owner.
func (s *noiseSource) draw(k *kernels, w *worker, from, to int) []uint64 {
	draws := grow(&w.words64, roundUp(to-from, 4*k.lanes))
	clear(draws)
	if s.sigma > 0 {
		state := &w.chacha
		copy(state[:8], s.key[:])
		state[8], state[9], state[10], state[11] = uint32(from/8), s.stream, uint32(s.step), uint32(s.step>>32)
		if k.noise(draws, state, s.sigma) != 0 {
			s.decide(draws[:to-from], uint64(from))
		}
	}
	return draws[:to-from]
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
