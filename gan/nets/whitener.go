package nets

import "github.com/dpgan/dpgan/device"

// whitener is a whitening on a device.
type whitener struct {
	weight device.Matrix
	bias   device.Vector
}

func newWhitener(a *allocator, w *Whitening) whitener {
	out := whitener{a.matrix(w.Inputs, w.Outputs), a.vector(w.Outputs)}
	if a.err == nil {
		a.dev.Upload(out.weight.Buffer, 0, w.Weight)
		a.dev.Upload(out.bias.Buffer, 0, w.Bias)
	}
	return out
}

func (w whitener) apply(dev device.Device, into, rows device.Matrix) {
	dev.LinearForward(into, rows, w.weight, w.bias, device.Activation{})
}
