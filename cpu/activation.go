package cpu

import (
	"github.com/dpgan/dpgan/device"
)

// activation is device.Activation read out.
type activation struct {
	kind    device.ActivationKind
	dropout float32
	keep    float32 // s = 1/(1-dropout)
	draw    device.Draw
}

func (o operation) activation(a device.Activation) activation {
	if o.failed() {
		return activation{}
	}
	if a.Kind > device.LeakyReLU {
		o.fail("%s: activation kind=%d: must be one of package device", o.name, a.Kind)
	}
	if !(a.Dropout >= 0 && a.Dropout < 1) || (a.Kind == device.Identity && a.Dropout > 0) {
		o.fail("%s: dropout=%v: must lie in [0, 1), and be 0 with Identity", o.name, a.Dropout)
	}
	resolved := activation{kind: a.Kind, dropout: a.Dropout, keep: 1 / (1 - a.Dropout)}
	if a.Dropout > 0 {
		resolved.draw = o.draw(a.RNG)
	}
	return resolved
}

// slope is the derivative below zero, without dropout.
func (a *activation) slope() float32 {
	switch a.kind {
	case device.Identity:
		return 1
	case device.LeakyReLU:
		return device.LeakySlope
	default:
		return 0
	}
}

// apply replaces a row by its activation; first is the number of its first
// element in the stream of dropout.
func (a *activation) apply(k *kernels, w *worker, y []float32, first int) {
	switch {
	case a.dropout > 0:
		k.dropout(y, k.uniforms(&w.uniform, a.draw, first, len(y)), a.slope(), a.keep, a.dropout)
	case a.kind != device.Identity:
		k.activate(y, a.slope())
	}
}

// derive multiplies a row of gradients by the derivative, from the output y.
func (a *activation) derive(k *kernels, gradient, y []float32) {
	k.derive(gradient, y, a.keep, a.keep*a.slope())
}
