//go:build gpu

package cuda

import (
	"math"
	"slices"

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
	o.launch("private_adam", across(n, noisePerBlock), 128, slices.Concat(a.arguments(),
		[]any{sum, open, o.unit(maxGradNorm, privateCount), o.unit(maxGradNorm, publicCount)}, o.noise(noise))...)
}

// PrivateMean adds the noise to the private sum and moves the mean.
func (d *Device) PrivateMean(mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
	o := d.begin("PrivateMean")
	n := private.Len
	values, scale, count := o.vector("values", mean.Values, n), o.vector("scale", mean.Scale, n), o.vector("count", mean.Count, n)
	sum := o.integers("private", private, n)
	o.launch("private_mean", across(n, noisePerBlock), 128, append([]any{values, read{scale}, count, uint64(n), sum,
		o.unit(maxGradNorm, privateCount)}, o.noise(noise)...)...)
}

// noise are the arguments of kernels that add it.
func (o operation) noise(n device.Noise) []any {
	key, step := o.uint32s("key", n.Key, 8), o.scalar("step", n.Step)
	if !(n.Multiplier >= 0) || n.Multiplier > device.MostNoise {
		o.fail("%s: noise multiplier=%v: must lie between 0 and %g", o.name, n.Multiplier, float64(device.MostNoise))
	}
	if n.Stream >= device.NoiseStreams {
		o.fail("%s: noise stream=%d: must be below %d", o.name, n.Stream, uint32(device.NoiseStreams))
	}
	return []any{read{key}, read{step}, n.Stream, math.Ldexp(n.Multiplier, device.SumBits)}
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
