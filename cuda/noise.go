//go:build gpu

package cuda

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// noisePerBlock is how many parameters a block of 128 threads noises and updates.
const noisePerBlock = 1024

// PrivateAdam adds the noise to the private sum and updates the parameters.
func (d *Device) PrivateAdam(state device.Adam, private, public device.Vector, noise device.Noise, privateCount, publicCount float64) {
	o := d.begin("PrivateAdam")
	a := o.adam(state)
	n := state.Parameters.Len
	sum := o.vector("private", private, n)
	open := o.vector("public", public, n)
	key, step := o.uint32s("key", noise.Key, 8), o.scalar("step", noise.Step)
	if !(noise.Std >= 0) || math.IsInf(noise.Std, 0) {
		o.fail("PrivateAdam: noise std=%v: must be finite and >= 0", noise.Std)
	}
	if !(privateCount > 0) || !(publicCount > 0) {
		o.fail("PrivateAdam: private count=%v, public count=%v: must be > 0", privateCount, publicCount)
	}
	o.launch("private_adam", across(n, noisePerBlock), 128,
		append(a.arguments(), sum, open, privateCount, publicCount, read{key}, read{step}, noise.Stream, noise.Std)...)
}
