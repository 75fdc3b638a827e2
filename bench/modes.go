package bench

// maxGradNorm is C. Nearly every row of the benchmark is longer.
const maxGradNorm = 1

// sums are the ways to the summed gradient: in float32 in critic.gradient, or clipped
// in integers in critic.private.
func (p *pass) sums(mode string) func() {
	if mode == nonPrivate {
		return func() {
			p.toDeltas()
			p.sum(p.gradient)
		}
	}
	return func() {
		p.toDeltas()
		p.ClippedSum(p.private, p.layers, maxGradNorm, nil)
	}
}

// step is sums and the update.
func (p *pass) step(mode string) func() {
	sums := p.sums(mode)
	return func() {
		sums()
		p.Increment(p.adam.Step)
		if mode == nonPrivate {
			p.AdamUpdate(p.adam, p.gradient)
			return
		}
		rows := float64(p.values[0].Rows)
		p.PrivateAdam(p.adam, p.private, p.public, p.noise, maxGradNorm, rows, rows)
	}
}

func (p *pass) toDeltas() {
	p.forward()
	p.loss(1)
	p.backward()
}
