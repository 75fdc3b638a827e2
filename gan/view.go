package gan

import "github.com/dpgan/dpgan/device"

// whitener is a whitening on a device.
type whitener struct {
	weight device.Matrix
	bias   device.Vector
}

func newWhitener(a *arena, w *Whitening) whitener {
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

// view is how a discriminator sees rows: as they are, or whitened.
type view struct {
	*discriminator
	seen  device.Matrix // [B, Width], where rows are put
	pull  device.Matrix // [B, Width], the gradient at what the discriminator is shown
	white *whitener     // nil: rows are seen as they are
}

func newView(a *arena, d *discriminator, white *whitener) *view {
	v := &view{discriminator: d, seen: d.rows(), white: white}
	if white != nil {
		v.seen, v.pull = a.matrix(v.seen.Rows, v.seen.Cols), a.matrix(v.seen.Rows, v.seen.Cols)
	}
	return v
}

// forward computes the logits of the rows in seen.
func (v *view) forward() {
	if v.white != nil {
		v.white.apply(v.dev, v.rows(), v.seen)
	}
	v.discriminator.forward()
}

// backwardInput computes the gradient at the rows in seen.
func (v *view) backwardInput(drows device.Matrix) {
	if v.white == nil {
		v.discriminator.backwardInput(drows)
		return
	}
	v.discriminator.backwardInput(v.pull)
	v.dev.LinearBackwardData(drows, v.pull, v.white.weight, v.seen, device.Activation{}, false)
}
