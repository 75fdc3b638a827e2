package cpu

import (
	"sync/atomic"

	"github.com/dpgan/dpgan/device"
)

// rowsPerBlock is how many rows of a row-wise operation make a block: few
// enough to share out a small batch, many enough to pay for the handover.
const rowsPerBlock = 64

// rowwise is an operation in progress whose rows do not depend on each other.
// Each operation sets the fields that it needs, as its file tells.
type rowwise struct {
	*kernels
	block func(r *rowwise, w *worker, from, to int)

	out, second, in matrix
	plan            *plan
	table           *table
	words           []uint32
	vector, into    []float32
	draw            device.Draw
	squares         []float64
	scale           float32
	count           int
	stray           atomic.Int64
}

func (r *rowwise) run(w *worker, from, to int) { r.block(r, w, from, to) }

// start is d.rowwise, cleared, for an operation whose blocks are done by block.
func (d *Device) start(block func(r *rowwise, w *worker, from, to int)) *rowwise {
	d.rowwise = rowwise{kernels: d.kernels, block: block}
	return &d.rowwise
}
