package cpu

import "github.com/dpgan/dpgan/device"

// privateMean is PrivateMean in progress.
type privateMean struct {
	*kernels
	values, scale, count []float32
	private              []uint64
	noise                noiseSource
	unit                 float64 // of the private sum
}

// PrivateMean adds the noise to the private sum and moves the mean.
func (d *Device) PrivateMean(mean device.Mean, private device.Vector, noise device.Noise, maxGradNorm, privateCount float64) {
	o := d.begin("PrivateMean")
	n := private.Len
	m := privateMean{kernels: d.kernels, values: o.vector("values", mean.Values, n), scale: o.vector("scale", mean.Scale, n),
		count: o.vector("count", mean.Count, n), private: o.uint64s("private", private, n),
		noise: o.noise(noise), unit: o.unit(maxGradNorm, privateCount)}
	if o.failed() {
		return
	}
	d.mean = m
	d.pool.split(n, elementsPerBlock, &d.mean)
}

func (m *privateMean) run(w *worker, from, to int) {
	draws := m.noise.draw(m.kernels, w, from, to)
	values, scale, count, private := m.values[from:to], m.scale[from:to], m.count[from:to], m.private[from:to]
	for i, draw := range draws {
		// The conversion keeps processors from fusing the product with what follows.
		g := float64(float64(scale[i]) * (float64(int64(private[i]+draw)) * m.unit))
		n, value := float64(count[i])+1, float64(values[i])
		values[i], count[i] = float32(value+(g-value)/n), float32(n)
		private[i] = 0
	}
}
