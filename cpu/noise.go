package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// noiseGrid is the spacing of the noised sums, in units of the noise.
const noiseGrid = 0x1p-20

// PrivateAdam adds the noise to the private sum and updates the parameters.
func (d *Device) PrivateAdam(state device.Adam, private, public device.Vector, noise device.Noise, privateCount, publicCount float64) {
	o := d.begin("PrivateAdam")
	a := o.adam(state)
	n := state.Parameters.Len
	sum := o.vector("private", private, n)
	open := o.vector("public", public, n)
	source := o.noise(noise)
	if !(privateCount > 0) || !(publicCount > 0) {
		d.fail("PrivateAdam: private count=%v, public count=%v: must be > 0", privateCount, publicCount)
	}
	if o.failed() {
		return
	}
	d.update = update{kernels: d.kernels, adam: a, gradient: sum, public: open, noise: source,
		perPrivate: 1 / privateCount, perPublic: 1 / publicCount}
	d.pool.split(n, elementsPerBlock, &d.update)
}

// addNoise turns private, from element first on, into the gradient: its noised
// sum on the grid over the private count, and public, which it zeroes, over its
// own. first is a multiple of elementsPerBlock, so each ChaCha20 block has one
// owner.
func (u *update) addNoise(w *worker, private, public []float32, first int) {
	if u.noise.std == 0 {
		for i, x := range private {
			private[i] = float32(float64(x)*u.perPrivate + float64(public[i])*u.perPublic)
			public[i] = 0
		}
		return
	}
	normals := grow(&w.float64s, roundUp(len(private), 4*u.lanes))
	state := &w.chacha
	copy(state[:8], u.noise.key[:])
	state[8], state[9], state[10], state[11] = uint32(first/8), u.noise.stream, uint32(u.noise.step), uint32(u.noise.step>>32)
	u.kernels.noise(normals, state)
	grid := noiseGrid * u.noise.std
	u.noised(private, public, normals, u.noise.std, 1/grid, grid, u.perPrivate, u.perPublic)
}

// noiseSource is device.Noise read out.
type noiseSource struct {
	key    [8]uint32
	stream uint32
	step   uint64
	std    float64
}

func (o operation) noise(n device.Noise) (source noiseSource) {
	key, step := o.uint32s("key", n.Key, 8), o.scalar("step", n.Step)
	if !(n.Std >= 0) || math.IsInf(n.Std, 0) {
		o.fail("%s: noise std=%v: must be finite and >= 0", o.name, n.Std)
	}
	if o.failed() {
		return source
	}
	copy(source.key[:], key)
	source.stream, source.step, source.std = n.Stream, *step, n.Std
	return source
}
