//go:build gpu

package cuda

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// noisePerBlock is how many parameters a block of 128 threads noises and updates.
const noisePerBlock = 1024

// PrivateAdam adds the noise to the private sum and updates the parameters.
func (d *Device) PrivateAdam(state device.Adam, private, public device.Vector, noise device.Noise, maxGradNorm, privateCount, publicCount float64) {
	o := d.begin("PrivateAdam")
	a := o.adam(state)
	n := state.Parameters.Len
	sum, open := o.integers("private", private, n), o.integers("public", public, n)
	perPrivate, perPublic := o.unit(maxGradNorm, privateCount), o.unit(maxGradNorm, publicCount)
	add := o.noise(noise)
	o.launchPrivateAdam(blocks(ceil(n, noisePerBlock)), a.parameters, a.first, a.second, uint64(n), a.beta1, a.beta2, a.epsilon,
		a.rate, a.step, sum, open, perPrivate, perPublic, add.key, add.step, add.stream, add.sigma)
}

// PrivateMean adds the noise to the private sum and moves the mean.
func (d *Device) PrivateMean(mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
	o := d.begin("PrivateMean")
	n := private.Len
	values, scale, count := o.vector("values", mean.Values, n), o.vector("scale", mean.Scale, n), o.vector("count", mean.Count, n)
	sum := o.integers("private", private, n)
	perPrivate, add := o.unit(maxGradNorm, privateCount), o.noise(noise)
	o.launchPrivateMean(blocks(ceil(n, noisePerBlock)), values, scale, count, uint64(n), sum, perPrivate, add.key, add.step, add.stream, add.sigma)
}

// noise is device.Noise resolved; sigma is in units of the sums' integers.
type noise struct {
	key    array[uint32]
	step   integers
	stream uint32
	sigma  float64
}

func (o operation) noise(n device.Noise) noise {
	key, step := o.uint32s("key", n.Key, 8), o.scalar("step", n.Step)
	if !(n.Multiplier >= 0) || n.Multiplier > device.MostNoise {
		o.fail("%s: noise multiplier=%v: must lie between 0 and %g", o.name, n.Multiplier, float64(device.MostNoise))
	}
	if n.Stream >= device.NoiseStreams {
		o.fail("%s: noise stream=%d: must be below %d", o.name, n.Stream, uint32(device.NoiseStreams))
	}
	return noise{key, step, n.Stream, math.Ldexp(n.Multiplier, device.SumBits)}
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
