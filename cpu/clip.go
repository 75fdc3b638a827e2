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
	target := maxGradNorm / (1 + device.ClipMargin)
	d.pool.split(len(factors), rowsPerBlock, func(_ *worker, from, to int) {
		for i := from; i < to; i++ {
			if i >= rows {
				factors[i] = 0
				continue
			}
			square := 0.0
			for l := range rowsOf {
				square += (sumOfSquares(rowsOf[l].input.row(i)) + 1) * sumOfSquares(rowsOf[l].delta.row(i))
			}
			factors[i] = clipFactor(target, square)
		}
	})
}

// smallestNormal is the least float32 with all 24 bits of precision. A smaller
// factor would be rounded by more than ClipMargin allows for.
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

// sumOfSquares is Σ xⱼ² in float64, in four interleaved sums: one alone would
// wait for each addition.
func sumOfSquares(x []float32) float64 {
	var a, b, c, d float64
	for len(x) >= 4 {
		x0, x1, x2, x3 := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		a += x0 * x0
		b += x1 * x1
		c += x2 * x2
		d += x3 * x3
		x = x[4:]
	}
	for _, v := range x {
		a += float64(v) * float64(v)
	}
	return (a + b) + (c + d)
}
