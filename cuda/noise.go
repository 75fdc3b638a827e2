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
	key, step := o.uint32s("key", noise.Key, 8), o.scalar("step", noise.Step)
	if !(noise.Multiplier >= 0) || noise.Multiplier > device.MostNoise {
		o.fail("PrivateAdam: noise multiplier=%v: must lie between 0 and %g", noise.Multiplier, float64(device.MostNoise))
	}
	if noise.Stream >= device.NoiseStreams {
		o.fail("PrivateAdam: noise stream=%d: must be below %d", noise.Stream, uint32(device.NoiseStreams))
	}
	for _, x := range []float64{maxGradNorm, privateCount, publicCount} {
		if !(x > 0) || math.IsInf(x, 0) {
			o.fail("PrivateAdam: maxGradNorm=%v, private count=%v, public count=%v: must be > 0 and finite", maxGradNorm, privateCount, publicCount)
		}
	}
	unit := math.Ldexp(maxGradNorm, -device.SumBits)
	o.launch("private_adam", across(n, noisePerBlock), 128,
		append(a.arguments(), sum, open, unit/privateCount, unit/publicCount,
			read{key}, read{step}, noise.Stream, math.Ldexp(noise.Multiplier, device.SumBits))...)
}
