package cpu

import "github.com/dpgan/dpgan/device"

// rowRun is a run of rows.
type rowRun struct{ from, to int }

// weightRows is how many rows of dw (columns of x) make a block. Each block
// sums over all records in their order, so no partial sums meet.
const weightRows = 32

// LinearBackwardWeights adds the scaled sum of the records' gradients. Rows of
// scale 0 are left out of the sum altogether: multiplying them by 0 would let
// NaN and infinity through.
func (d *Device) LinearBackwardWeights(dw device.Matrix, db device.Vector, x, dy device.Matrix, scale device.Vector) {
	o := d.begin("LinearBackwardWeights")
	into := o.matrix("dw", dw, x.Cols, dy.Cols)
	bias := o.vector("db", db, dy.Cols)
	in := o.matrix("x", x, dy.Rows, x.Cols)
	delta := o.matrix("dy", dy, dy.Rows, dy.Cols)
	live := []rowRun{{0, dy.Rows}}
	if scale.Buffer != nil {
		factors := o.vector("scale", scale, dy.Rows)
		if !o.failed() {
			live = d.liveRows(factors)
			delta = d.scaleRows(delta, factors)
		}
	}
	if o.failed() {
		return
	}
	strips := (in.cols + weightRows - 1) / weightRows
	d.pool.split(strips+1, 1, func(worker *worker, strip, _ int) {
		if strip == strips {
			sumRows(worker, bias, delta, live)
			return
		}
		from := strip * weightRows
		to := min(from+weightRows, in.cols)
		for _, run := range live {
			sgemm(true, to-from, delta.cols, run.to-run.from, in.at(run.from, from), in.stride,
				delta.at(run.from, 0), delta.stride, into.at(from, 0), into.stride)
		}
	})
}

// liveRows lists the runs of rows whose factor is not zero.
func (d *Device) liveRows(factors []float32) []rowRun {
	d.live = d.live[:0]
	for i, f := range factors {
		switch last := len(d.live) - 1; {
		case f == 0:
		case last >= 0 && d.live[last].to == i:
			d.live[last].to = i + 1
		default:
			d.live = append(d.live, rowRun{i, i + 1})
		}
	}
	return d.live
}

// scaleRows copies diag(factors)·m into scratch.
func (d *Device) scaleRows(m matrix, factors []float32) matrix {
	scaled := matrix{grow(&d.scaled, m.rows*m.cols), m.rows, m.cols, m.cols}
	d.pool.split(m.rows, rowsPerBlock, func(_ *worker, from, to int) {
		for i := from; i < to; i++ {
			f, out := factors[i], scaled.row(i)
			for j, v := range m.row(i)[:len(out)] {
				out[j] = f * v
			}
		}
	})
	return scaled
}

// sumRows adds the column sums over the live rows to into, in float64.
func sumRows(w *worker, into []float32, m matrix, live []rowRun) {
	sums := grow(&w.float64s, m.cols)
	clear(sums)
	for _, run := range live {
		for i := run.from; i < run.to; i++ {
			for j, v := range m.row(i)[:len(sums)] {
				sums[j] += float64(v)
			}
		}
	}
	for j, s := range sums {
		into[j] += float32(s)
	}
}
