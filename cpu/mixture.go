package cpu

import "github.com/dpgan/dpgan/device"

// Softmax makes distributions of logits.
func (d *Device) Softmax(p, logits device.Matrix, layout *device.Layout) {
	o := d.begin("Softmax")
	plan := o.plan(layout)
	if o.failed() {
		return
	}
	out := o.matrix("p", p, logits.Rows, layout.Width)
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).softmaxBlock)
	r.plan, r.out, r.in, r.scale = plan, out, in, 1
	d.pool.split(in.rows, rowsPerBlock, r)
}

func (r *rowwise) softmaxBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		p := r.out.row(i)
		copy(p, r.in.row(i))
		r.softmax(p, p, nil)
	}
}

// moments is MomentDelta in progress.
type moments struct {
	*kernels
	p, out         matrix
	target, weight matrix
	moment         matrix
	product        matrix
	share          []float32
	slice          int
	scale          float32 // of the moments: 1/N
	losses         []float64
}

// MomentDelta fits tables: per slice one product for the moments, one for the
// gradient, and a pass over the table between them.
func (d *Device) MomentDelta(delta, p device.Matrix, m *device.Moments, loss device.Vector) {
	o := d.begin("MomentDelta")
	atoms, cells := p.Rows, p.Cols
	in := o.matrix("p", p, atoms, cells)
	var out matrix
	if delta.Buffer != nil {
		out = o.matrix("d", delta, atoms, cells)
	}
	one, oneWeight := o.vector("one", m.One, cells), o.vector("one weight", m.OneWeight, cells)
	sum, share := o.vector("sum", m.Sum, cells), o.vector("share", m.Share, atoms)
	total := o.vector("loss", loss, 1)
	if !o.failed() && (len(m.Two) != len(m.Slice) || len(m.TwoWeight) != len(m.Slice)) {
		o.fail("MomentDelta: %d tables, %d weights, %d slices: must be as many", len(m.Two), len(m.TwoWeight), len(m.Slice))
	}
	if o.failed() {
		return
	}
	value := d.oneWay(out, in, one, oneWeight, sum)
	for s, slice := range m.Slice {
		if slice < -1 || slice >= cells {
			o.fail("MomentDelta: slice=%d: must be -1 or a cell of %d", slice, cells)
			return
		}
		for i := range share {
			share[i] = 1
			if slice >= 0 {
				share[i] = in.at(i, slice)[0]
			}
		}
		value += d.twoWay(o, delta, p, m, s)
		if d.err != nil {
			return
		}
	}
	total[0] = float32(value)
}

// oneWay begins out, unless it is empty, with the gradient of the one-way loss.
func (d *Device) oneWay(out, p matrix, one, weight, sum []float32) (loss float64) {
	sums := grow(&d.sums, p.cols)
	clear(sums)
	for i := range p.rows {
		d.addScaled(sums, p.row(i), 1)
	}
	for j, s := range sums {
		residual := s/float64(p.rows) - float64(one[j])
		loss += float64(weight[j]) * residual * residual
		sum[j] = float32(2 / float64(p.rows) * float64(weight[j]) * residual)
	}
	for i := range out.rows {
		copy(out.row(i), sum)
	}
	return loss
}

// twoWay adds what slice s contributes to delta.
func (d *Device) twoWay(o operation, delta, p device.Matrix, m *device.Moments, s int) (loss float64) {
	cells := p.Cols
	job := &d.moments
	*job = moments{kernels: d.kernels, slice: m.Slice[s], scale: 1 / float32(p.Rows),
		p: o.matrix("p", p, p.Rows, cells), moment: o.matrix("moment", m.Moment, cells, cells),
		target: o.matrix("two", m.Two[s], cells, cells), weight: o.matrix("two weight", m.TwoWeight[s], cells, cells),
		share: o.vector("share", m.Share, p.Rows), losses: grow(&d.losses, cells)}
	if o.failed() {
		return 0
	}
	for a := range cells {
		clear(job.moment.row(a))
	}
	d.addGradients(o, m.Moment, m.Sum, p, p, m.Share)
	d.pool.split(cells, rowsPerBlock, (*momentResidual)(job))
	for _, l := range job.losses {
		loss += l
	}
	if delta.Buffer == nil || d.err != nil {
		return loss
	}
	d.Fill(m.Sum, 0)
	d.LinearForward(m.Product, p, m.Moment, m.Sum, device.Activation{})
	job.out, job.product = o.matrix("d", delta, p.Rows, cells), o.matrix("product", m.Product, p.Rows, cells)
	if d.err == nil {
		d.pool.split(p.Rows, rowsPerBlock, (*momentGradient)(job))
	}
	return loss
}

// momentResidual turns the moments into weighted residuals, row by row.
type momentResidual moments

func (j *momentResidual) run(_ *worker, from, to int) {
	for a := from; a < to; a++ {
		moment, target, weight := j.moment.row(a), j.target.row(a), j.weight.row(a)
		loss := 0.0
		for b, w := range weight {
			residual := moment[b]*j.scale - target[b]
			moment[b] = w * residual
			loss += float64(moment[b]) * float64(residual)
		}
		j.losses[a] = loss
	}
}

// momentGradient adds the way back from the residuals to the atoms.
type momentGradient moments

func (j *momentGradient) run(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		out, product := j.out.row(i), j.product.row(i)
		j.axpy(out, product, 4*j.scale*j.share[i])
		if j.slice >= 0 {
			out[j.slice] += 2 * j.scale * j.dot(product, j.p.row(i))
		}
	}
}
