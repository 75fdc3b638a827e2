//go:build gpu

package cuda

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// rowsOfPart is the least number of records whose gradients one block sums up.
const rowsOfPart = 128

// LinearBackwardWeights adds the scaled sum of the records' gradients. Rows of scale
// 0 are not read at all: multiplying them by 0 would let NaN and infinity through.
func (d *Device) LinearBackwardWeights(dw device.Matrix, db device.Vector, x, dy device.Matrix, scale device.Vector) {
	o := d.begin("LinearBackwardWeights")
	into := o.matrix("dw", dw, x.Cols, dy.Cols)
	bias := o.vector("db", db, dy.Cols)
	in := o.matrix("x", x, dy.Rows, x.Cols)
	delta := o.matrix("dy", dy, dy.Rows, dy.Cols)
	var factors vector
	if scale.Buffer != nil {
		factors = o.vector("scale", scale, dy.Rows)
	}
	if o.failed() || in.rows == 0 {
		return
	}
	tile := tileOf(in.cols, delta.cols)
	g := tiles(max(in.cols, 1), delta.cols, tile)
	number, rows := parts(in.rows, g.x*g.y)
	g.z = number
	var sums cu.DevicePtr
	if number > 1 {
		sums = o.partials(4 * number * (in.cols + 1) * delta.cols)
	}
	o.launch(fmt.Sprintf("linear_backward_weights_%d", tile), g, threadsOf(tile),
		into, bias, in, delta, factors, in.rows, rows, in.cols, delta.cols, sums)
	if number > 1 {
		o.launch("weights_sum", across((in.cols+1)*delta.cols, 256), 256, into, bias, sums, number, in.cols, delta.cols)
	}
}

// parts cuts rows so that there are enough blocks, and says how many rows a part has.
func parts(rows, tiles int) (number, each int) {
	const depth = 16 // DEPTH of kernels/tile.h
	number = max(1, min(ceil(2*enoughBlocks, max(tiles, 1)), ceil(rows, rowsOfPart)))
	each = ceil(ceil(rows, number), depth) * depth
	return ceil(rows, each), each
}
