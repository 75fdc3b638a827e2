//go:build gpu

package cuda

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// LinearForward is an affine layer and its activation.
func (d *Device) LinearForward(y, x, w device.Matrix, b device.Vector, act device.Activation) {
	o := d.begin("LinearForward")
	out := o.matrix("y", y, x.Rows, w.Cols)
	in := o.matrix("x", x, x.Rows, w.Rows)
	weights := o.matrix("w", w, x.Cols, w.Cols)
	bias := o.vector("b", b, w.Cols)
	f := o.activation(act)
	tile := tileOf(out.rows, out.cols)
	o.launch(fmt.Sprintf("linear_forward_%d", tile), tiles(out.rows, out.cols, tile), threadsOf(tile),
		out, in, weights, bias, out.rows, in.cols, out.cols, f, f.draw)
}

// LinearBackwardData takes the gradient through an affine layer and the activation
// below it.
func (d *Device) LinearBackwardData(dx, dy, w, x device.Matrix, act device.Activation, accumulate bool) {
	o := d.begin("LinearBackwardData")
	out := o.matrix("dx", dx, dy.Rows, w.Rows)
	in := o.matrix("dy", dy, dy.Rows, w.Cols)
	weights := o.matrix("w", w, w.Rows, w.Cols)
	f := o.activation(act)
	var below matrix
	if f.kind != device.Identity {
		below = o.matrix("x", x, dy.Rows, w.Rows)
	}
	tile := tileOf(out.rows, out.cols)
	o.launch(fmt.Sprintf("linear_backward_data_%d", tile), tiles(out.rows, out.cols, tile), threadsOf(tile),
		out, in, weights, below, out.rows, in.cols, out.cols, f, accumulate)
}

// enoughBlocks is about the number of multiprocessors of a large GPU. Fewer blocks
// leave some without work, so the tiles get smaller. The choice is the shape's
// alone, or two GPUs would add in different orders.
const enoughBlocks = 128

// tileOf is the side of the tiles into which a product [rows, cols] is cut.
func tileOf(rows, cols int) int {
	if ceil(rows, 64)*ceil(cols, 64) >= enoughBlocks {
		return 64
	}
	return 32
}

// threadsOf is the number of threads of a tile: each makes 4×4 elements.
func threadsOf(tile int) int { return tile * tile / 16 }

func tiles(rows, cols, tile int) grid { return grid{ceil(rows, tile), ceil(cols, tile), 1} }
