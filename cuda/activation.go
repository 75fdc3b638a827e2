//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// activation is a device.Activation resolved.
type activation struct {
	kind    device.ActivationKind
	dropout float32
	keep    float32 // 1/(1-dropout)
	draw    draw    // zero without dropout
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
