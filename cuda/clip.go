//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// layersPerLaunch is how many layers the kernel takes.
const layersPerLaunch = 4

// ClipFactors writes the factor that bounds each record's joint gradient norm.
func (d *Device) ClipFactors(scale device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	o := d.begin("ClipFactors")
	factors := o.vector("scale", scale, scale.Len)
	var counted extent
	if count != nil {
		counted = o.uint32s("count", count, 1)
	}
	if !(maxGradNorm > 0) {
		o.fail("ClipFactors: maxGradNorm=%v: must be > 0", maxGradNorm)
	}
	operands := make([]any, 0, 2*len(layers))
	for _, g := range layers {
		input := o.matrix("input", g.Input, scale.Len, g.Input.Cols)
		delta := o.matrix("delta", g.Delta, scale.Len, g.Delta.Cols)
		operands = append(operands, read{layer{input}}, read{layer{delta}})
	}
	var squares extent
	if len(layers) > layersPerLaunch {
		squares = o.partials(8 * factors.n)
	}
	target := maxGradNorm / (1 + d.precision.ClipMargin())
	for first := 0; first == 0 || first < len(layers); first += layersPerLaunch {
		here := min(layersPerLaunch, len(layers)-first)
		arguments := []any{factors, squares, uint32(factors.n), read{counted}, target, first == 0, first+here == len(layers), here}
		arguments = append(arguments, operands[2*first:2*(first+here)]...)
		for range layersPerLaunch - here {
			arguments = append(arguments, layer{}, layer{})
		}
		o.launch("clip_factors", warps(factors.n), 128, arguments...)
	}
}
