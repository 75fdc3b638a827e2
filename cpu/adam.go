package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// adam is device.Adam resolved, with the step's bias corrections worked in:
// p -= rate·m/(√(v·correction) + ε).
type adam struct {
	parameters, first, second []float32
	beta1, beta2, epsilon     float32
	rate, correction          float32
}

func (o operation) adam(a device.Adam) adam {
	n := a.Parameters.Len
	resolved := adam{
		parameters: o.vector("parameters", a.Parameters, n),
		first:      o.vector("first", a.First, n),
		second:     o.vector("second", a.Second, n),
		beta1:      a.Beta1, beta2: a.Beta2, epsilon: a.Epsilon,
	}
	rate := o.vector("learning rate", device.NewVector(a.LearningRate, 0, 1), 1)
	step := float64(*o.scalar("step", a.Step))
	if o.failed() {
		return adam{}
	}
	resolved.rate = float32(float64(rate[0]) / (1 - math.Pow(float64(a.Beta1), step)))
	resolved.correction = float32(1 / (1 - math.Pow(float64(a.Beta2), step)))
	return resolved
}

// update moves parameters [from, to) against gradient, and zeroes it.
func (a *adam) update(k *kernels, from, to int, gradient []float32) {
	k.adam(a.parameters[from:to], a.first[from:to], a.second[from:to], gradient,
		a.beta1, 1-a.beta1, a.beta2, 1-a.beta2, a.rate, a.correction, a.epsilon)
}

// AdamUpdate updates the parameters with gradient and zeroes it.
func (d *Device) AdamUpdate(state device.Adam, gradient device.Vector) {
	o := d.begin("AdamUpdate")
	a := o.adam(state)
	g := o.vector("gradient", gradient, state.Parameters.Len)
	if o.failed() {
		return
	}
	d.update = update{kernels: d.kernels, adam: a, gradient: g}
	d.pool.split(len(g), elementsPerBlock, &d.update)
}

// update is an update in progress: of gradient, or of private noised and public
// added.
type update struct {
	*kernels
	adam
	gradient              []float32
	private, public       []uint64
	noise                 noiseSource
	perPrivate, perPublic float64
}

func (u *update) run(w *worker, from, to int) {
	gradient := u.gradient
	if gradient == nil {
		gradient = u.addNoise(w, from, to)
	} else {
		gradient = gradient[from:to]
	}
	u.adam.update(u.kernels, from, to, gradient)
}
