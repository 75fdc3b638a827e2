package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// layer is a device.LayerGradient resolved.
type layer struct{ input, delta matrix }

// ClipFactors writes the factor that bounds each record's joint gradient norm.
func (d *Device) ClipFactors(scale device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	o := d.begin("ClipFactors")
	factors := o.vector("scale", scale, scale.Len)
	rows := len(factors)
	if count != nil {
		if counted := o.uint32s("count", count, 1); counted != nil {
			rows = min(rows, int(counted[0]))
		}
	}
	if !(maxGradNorm > 0) {
		d.fail("ClipFactors: maxGradNorm=%v: must be > 0", maxGradNorm)
	}
	rowsOf := grow(&d.layers, len(layers))
	for l, g := range layers {
		rowsOf[l].input = o.matrix("input", g.Input, scale.Len, g.Input.Cols)
		rowsOf[l].delta = o.matrix("delta", g.Delta, scale.Len, g.Delta.Cols)
	}
	if o.failed() {
		return
	}
	r := d.start((*rowwise).clipBlock)
	r.into, r.layers, r.count = factors, rowsOf, rows
	r.target = maxGradNorm / (1 + d.precision.ClipMargin())
	d.pool.split(len(factors), rowsPerBlock, r)
}

// clipBlock goes through its rows layer by layer, so that memory is read in runs.
func (r *rowwise) clipBlock(w *worker, from, to int) {
	squares := grow(&w.float64s, to-from)
	clear(squares)
	last := max(from, min(to, r.count))
	for l := range r.layers {
		for i := from; i < last; i++ {
			squares[i-from] += (r.sumSquares(r.layers[l].input.row(i)) + 1) * r.sumSquares(r.layers[l].delta.row(i))
		}
	}
	for i := from; i < last; i++ {
		r.into[i] = clipFactor(r.target, squares[i-from])
	}
	clear(r.into[last:to])
}

// smallestNormal is the least float32 with all 24 bits of precision. A smaller
// factor would be rounded by more than the clip margin allows for.
const smallestNormal = 0x1p-126

func clipFactor(target, square float64) float32 {
	if math.IsNaN(square) || math.IsInf(square, 0) {
		return 0
	}
	factor := min(1, target/math.Sqrt(square))
	if factor < smallestNormal {
		return 0
	}
	return float32(factor)
}
