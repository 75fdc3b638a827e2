//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// adam is device.Adam resolved.
type adam struct {
	parameters, first, second vector
	rate                      vector
	step                      integers
	beta1, beta2, epsilon     float32
}

func (o operation) adam(a device.Adam) adam {
	n := a.Parameters.Len
	return adam{
		parameters: o.vector("parameters", a.Parameters, n),
		first:      o.vector("first", a.First, n),
		second:     o.vector("second", a.Second, n),
		rate:       o.vector("learning rate", device.NewVector(a.LearningRate, 0, 1), 1),
		step:       o.scalar("step", a.Step),
		beta1:      a.Beta1, beta2: a.Beta2, epsilon: a.Epsilon,
	}
}

// AdamUpdate updates the parameters with gradient and zeroes it.
func (d *Device) AdamUpdate(state device.Adam, gradient device.Vector) {
	o := d.begin("AdamUpdate")
	a := o.adam(state)
	g := o.vector("gradient", gradient, state.Parameters.Len)
	if !o.failed() {
		d.deferWork(&update{adam: a, gradient: g})
	}
}

// update is an AdamUpdate that waits for a MovingAverage of the parameters.
type update struct {
	adam
	gradient, average vector // average has no address if there is none
	decay             float32
}

// admit tells whether value are the parameters, and into is disjoint from what is updated.
func (u *update) admit(into, value vector) bool {
	return u.average.address == 0 && value == u.parameters &&
		disjoint([]extent{into.extent()}, []extent{u.parameters.extent(), u.first.extent(), u.second.extent(), u.gradient.extent()})
}

func (u *update) send(o operation) {
	o.name = "AdamUpdate"
	o.launchAdamUpdate(across(u.gradient.n), u.parameters, u.first, u.second, uint64(u.parameters.n), u.beta1, u.beta2, u.epsilon,
		u.rate, u.step, u.gradient, u.average, u.decay, 1-u.decay)
}
