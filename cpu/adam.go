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

// update moves parameter i against gradient g.
func (a *adam) update(i int, g float32) {
	m := a.beta1*a.first[i] + (1-a.beta1)*g
	v := a.beta2*a.second[i] + (1-a.beta2)*g*g
	a.first[i], a.second[i] = m, v
	a.parameters[i] -= a.rate * m / (float32(math.Sqrt(float64(v*a.correction))) + a.epsilon)
}

// AdamUpdate updates the parameters with gradient and zeroes it.
func (d *Device) AdamUpdate(state device.Adam, gradient device.Vector) {
	o := d.begin("AdamUpdate")
	a := o.adam(state)
	g := o.vector("gradient", gradient, state.Parameters.Len)
	if o.failed() {
		return
	}
	d.pool.split(len(g), elementsPerBlock, func(_ *worker, from, to int) {
		for i := from; i < to; i++ {
			a.update(i, g[i])
			g[i] = 0
		}
	})
}
