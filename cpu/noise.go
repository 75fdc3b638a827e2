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
	// Elements per block are a multiple of 8, so that each ChaCha20 block has one owner.
	d.pool.split(n, elementsPerBlock, func(_ *worker, from, to int) {
		var normals [8]float64
		for i := from; i < to; i++ {
			if i%8 == 0 && source.std > 0 {
				normals = device.NoiseBlock(&source.key, noise.Stream, source.step, uint32(i/8))
			}
			noised := source.add(float64(sum[i]), normals[i%8])
			a.update(i, float32(noised/privateCount+float64(open[i])/publicCount))
			sum[i], open[i] = 0, 0
		}
	})
}

// noiseSource is device.Noise read out.
type noiseSource struct {
	key  [8]uint32
	step uint64
	std  float64
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
	source.step, source.std = *step, n.Std
	return source
}

// add noises one element and rounds it to the grid.
func (s *noiseSource) add(x, normal float64) float64 {
	if s.std == 0 {
		return x
	}
	grid := noiseGrid * s.std
	return math.RoundToEven((x+s.std*normal)/grid) * grid
}
