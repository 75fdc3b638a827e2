package bench

import "github.com/dpgan/dpgan/device"

// maxGradNorm is C. Nearly every row of the benchmark is longer.
const maxGradNorm = 1

// sums are the ways to the summed gradient in critic.private.
func (p *pass) sums(mode string) func() {
	switch mode {
	case TwoPass:
		return p.twoPass()
	case Materialised:
		return p.materialised()
	case NonPrivate:
		return func() {
			p.toDeltas()
			p.sum(p.private, device.Vector{})
		}
	}
	// Book-keeping (Bu et al. 2022, arXiv 2210.00038): one backward pass, one scale.
	return func() {
		p.toDeltas()
		p.ClipFactors(p.scale, p.layers, maxGradNorm, nil)
		p.sum(p.private, p.scale)
	}
}

// step is sums and the update.
func (p *pass) step(mode string) func() {
	sums := p.sums(mode)
	return func() {
		sums()
		p.Increment(p.adam.Step)
		if mode == NonPrivate {
			p.AdamUpdate(p.adam, p.private)
			return
		}
		rows := float64(p.values[0].Rows)
		p.PrivateAdam(p.adam, p.private, p.public, p.noise, rows, rows)
	}
}

func (p *pass) toDeltas() {
	p.forward()
	p.loss(1)
	p.backward()
}

// twoPass is ghost clipping (Li et al. 2022, arXiv 2110.05679): the norms from
// one backward pass, the sum from a second one of the loss Σ cᵢ·lossᵢ. The
// contract scales rows only while it sums them, so the last deltas are scaled
// as identity · diag(c) · delta, some rows at a time.
func (p *pass) twoPass() func() {
	const block = 32
	rows, last := p.values[0].Rows, len(p.layers)-1
	identity, unused, scaled := p.matrix(block, block), p.vector(1), p.vector(rows)
	if p.err == nil {
		ones := make([]float32, block*block)
		for i := range block {
			ones[i*(block+1)] = 1
		}
		p.Upload(identity.Buffer, 0, ones)
	}
	return func() {
		p.toDeltas()
		p.ClipFactors(p.scale, p.layers, maxGradNorm, nil)
		p.loss(1)
		p.Fill(scaled, 0)
		for from := 0; from < rows; from += block {
			n := min(block, rows-from)
			p.LinearBackwardWeights(device.NewMatrix(scaled.Buffer, from, n, 1), unused,
				identity.Columns(0, n).RowRange(0, n), p.layers[last].Delta.RowRange(from, from+n), device.NewVector(p.scale.Buffer, from, n))
		}
		p.Copy(p.layers[last].Delta, device.NewMatrix(scaled.Buffer, 0, rows, 1))
		p.backward()
		p.sum(p.private, device.Vector{})
	}
}

// materialised writes each row's gradient to a slot of its own, [B, parameters],
// takes their norms and sums them (Abadi et al. 2016, arXiv 1607.00133).
func (p *pass) materialised() func() {
	rows, size := p.values[0].Rows, p.private.Len
	slots, zeros := p.matrix(rows, size), p.matrix(rows, 1)
	all := []device.LayerGradient{{Input: zeros, Delta: slots}} // (0 + 1)·‖gᵢ‖²
	factors, sum := device.NewMatrix(p.scale.Buffer, 0, 1, rows), device.NewMatrix(p.private.Buffer, p.private.Offset, 1, size)
	return func() {
		p.toDeltas()
		p.Fill(device.NewVector(slots.Buffer, 0, rows*size), 0)
		for i := range rows {
			slot := device.NewVector(slots.Buffer, i*size, size)
			for l, layer := range p.layers {
				dw, db := p.weights(l, slot)
				p.LinearBackwardWeights(dw, db, layer.Input.RowRange(i, i+1), layer.Delta.RowRange(i, i+1), device.Vector{})
			}
		}
		p.ClipFactors(p.scale, all, maxGradNorm, nil)
		p.LinearForward(sum, factors, slots, p.public, device.Activation{}) // public is zero
	}
}
