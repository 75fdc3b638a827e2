package cpu

import "github.com/dpgan/dpgan/device"

// LinearForward is an affine layer and its activation.
func (d *Device) LinearForward(y, x, w device.Matrix, b device.Vector, act device.Activation) {
	o := d.begin("LinearForward")
	out := o.matrix("y", y, x.Rows, w.Cols)
	in := o.matrix("x", x, x.Rows, w.Rows)
	weights := o.matrix("w", w, x.Cols, w.Cols)
	bias := o.vector("b", b, w.Cols)
	f := o.activation(act)
	if o.failed() {
		return
	}
	d.pool.split(out.rows, gemmRows, func(worker *worker, from, to int) {
		for i := from; i < to; i++ {
			copy(out.row(i), bias)
		}
		sgemm(false, to-from, out.cols, in.cols, in.at(from, 0), in.stride, weights.at(0, 0), weights.stride, out.at(from, 0), out.stride)
		for i := from; i < to; i++ {
			f.apply(worker, out.row(i), i*out.cols)
		}
	})
}

// LinearBackwardData takes the gradient through an affine layer and the
// activation below it.
func (d *Device) LinearBackwardData(dx, dy, w, x device.Matrix, act device.Activation, accumulate bool) {
	o := d.begin("LinearBackwardData")
	out := o.matrix("dx", dx, dy.Rows, w.Rows)
	in := o.matrix("dy", dy, dy.Rows, w.Cols)
	weights := o.matrix("w", w, w.Rows, w.Cols)
	f := o.activation(act)
	below := out
	if f.kind != device.Identity {
		below = o.matrix("x", x, dy.Rows, w.Rows)
	}
	if o.failed() {
		return
	}
	across := d.transpose(weights)
	d.pool.split(out.rows, gemmRows, func(worker *worker, from, to int) {
		product := out
		if accumulate && f.kind != device.Identity {
			product = matrix{grow(&worker.float32s, (to-from)*out.cols), to - from, out.cols, out.cols}
		} else {
			product.rows, product.data = to-from, out.at(from, 0)
		}
		if !accumulate || f.kind != device.Identity {
			for i := range product.rows {
				clear(product.row(i))
			}
		}
		sgemm(false, product.rows, product.cols, in.cols, in.at(from, 0), in.stride, across.at(0, 0), across.stride, product.at(0, 0), product.stride)
		if f.kind == device.Identity {
			return
		}
		for i := range product.rows {
			f.derive(product.row(i), below.row(from+i))
			if accumulate {
				add(out.row(from+i), product.row(i))
			}
		}
	})
}

// transpose copies mᵀ into scratch, in tiles that stay in the cache.
func (d *Device) transpose(m matrix) matrix {
	t := matrix{grow(&d.transposed, m.rows*m.cols), m.cols, m.rows, m.rows}
	const tile = 32
	d.pool.split(m.cols, tile, func(_ *worker, from, to int) {
		for top := 0; top < m.rows; top += tile {
			for i := top; i < min(top+tile, m.rows); i++ {
				for j, v := range m.row(i)[from:to] {
					t.data[(from+j)*t.stride+i] = v
				}
			}
		}
	})
	return t
}

// add computes dst += src.
func add(dst, src []float32) {
	for i, v := range src[:len(dst)] {
		dst[i] += v
	}
}
