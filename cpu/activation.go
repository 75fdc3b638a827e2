package cpu

import (
	"math"

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
func (a *activation) apply(w *worker, y []float32, first int) {
	switch a.kind {
	case device.ReLU:
		for j, v := range y {
			y[j] = max(v, 0)
		}
	case device.LeakyReLU:
		// A table indexed by the sign: half of the branches would be mispredicted.
		factor := [2]float32{1, device.LeakySlope}
		for j, v := range y {
			y[j] = v * factor[math.Float32bits(v)>>31]
		}
	}
	if a.dropout == 0 {
		return
	}
	uniform := grow(&w.float32s, len(y))
	fillUniform(uniform, a.draw, first)
	// Positive floats order as their bits do, so the sign of the difference is
	// set just where u < dropout.
	rate := int32(math.Float32bits(a.dropout))
	for j, u := range uniform[:len(y)] {
		dropped := uint32((int32(math.Float32bits(u)) - rate) >> 31)
		y[j] = math.Float32frombits(math.Float32bits(a.keep*y[j]) &^ dropped)
	}
}

// derive multiplies a row of gradients by the derivative, from the output y.
func (a *activation) derive(gradient, y []float32) {
	factor := [2]float32{a.keep, a.keep * a.slope()}
	y = y[:len(gradient)]
	for j, v := range y {
		word := math.Float32bits(v)
		magnitude := word << 1
		nonzero := uint32(int32(magnitude|-magnitude) >> 31)
		gradient[j] = math.Float32frombits(math.Float32bits(gradient[j]*factor[word>>31]) & nonzero)
	}
}
