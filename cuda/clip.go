//go:build gpu

package cuda

import (
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// layersPerLaunch is how many layers the kernel takes.
const layersPerLaunch = 4

// ClipFactors writes the factor that bounds each record's joint gradient norm.
func (d *Device) ClipFactors(scale device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	o := d.begin("ClipFactors")
	factors := o.vector("scale", scale, scale.Len)
	var counted cu.DevicePtr
	if count != nil {
		counted = o.uint32s("count", count, 1)
	}
	if !(maxGradNorm > 0) {
		o.fail("ClipFactors: maxGradNorm=%v: must be > 0", maxGradNorm)
	}
	operands := make([]any, 0, 4*len(layers))
	for _, g := range layers {
		input := o.matrix("input", g.Input, scale.Len, g.Input.Cols)
		delta := o.matrix("delta", g.Delta, scale.Len, g.Delta.Cols)
		operands = append(operands, input.address, shape(input), delta.address, shape(delta))
	}
	var squares cu.DevicePtr
	if len(layers) > layersPerLaunch {
		squares = o.partials(8 * factors.n)
	}
	target := maxGradNorm / (1 + d.precision.ClipMargin())
	for first := 0; first == 0 || first < len(layers); first += layersPerLaunch {
		here := min(layersPerLaunch, len(layers)-first)
		arguments := []any{factors, squares, uint32(factors.n), counted, target, first == 0, first+here == len(layers), here}
		arguments = append(arguments, operands[4*first:4*(first+here)]...)
		for range layersPerLaunch - here {
			arguments = append(arguments, uint64(0), uint64(0), uint64(0), uint64(0))
		}
		o.launch("clip_factors", warps(factors.n), 128, arguments...)
	}
}

// shape packs columns and stride into one argument.
func shape(m matrix) uint64 { return uint64(m.stride)<<32 | uint64(m.cols) }
