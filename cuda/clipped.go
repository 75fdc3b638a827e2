//go:build gpu

package cuda

import (
	"slices"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// layersPerLaunch is how many layers the kernels take (LAYERS of kernels/clipped.h).
const layersPerLaunch = 8

// clippedLayer is a layer whose gradients are summed.
type clippedLayer struct {
	input, delta  matrix
	weights, bias integers
}

// ClippedSum adds the clipped gradients of the first *count records, exactly.
func (d *Device) ClippedSum(sum device.Vector, layers []device.LayerGradient, maxGradNorm float64, count device.Buffer) {
	o := d.begin("ClippedSum")
	if !(maxGradNorm > 0) {
		o.fail("ClippedSum: maxGradNorm=%v: must be > 0", maxGradNorm)
	}
	sums := o.integers("sum", sum, sum.Len)
	var counted extent
	if count != nil {
		counted = o.uint32s("count", count, 1)
	}
	rows := 0
	all := make([]clippedLayer, len(layers))
	for i, g := range layers {
		rows = layers[0].Delta.Rows
		in, out := g.Input.Cols, g.Delta.Cols
		all[i] = clippedLayer{
			input:   o.matrix("input", g.Input, rows, in),
			delta:   o.matrix("delta", g.Delta, rows, out),
			weights: o.part("weights", sums, g.Weights, in*out),
			bias:    o.part("bias", sums, g.Bias, out),
		}
	}
	if o.failed() || rows == 0 {
		return
	}
	shares := o.clip(all, rows, counted, maxGradNorm)
	for some := range slices.Chunk(all, layersPerLaunch) {
		if c := (&clippedSum{layers: some, shares: shares}); c.tiles() > 0 {
			d.hold(c)
		}
	}
}

// clip finds what the records' deltas are multiplied by. More layers than a launch
// takes are gone through twice, for the norms and then for the lengths on the grid.
func (o operation) clip(layers []clippedLayer, rows int, counted extent, maxGradNorm float64) (shares vector) {
	chunks := slices.Collect(slices.Chunk(layers, layersPerLaunch))
	sums := 0 // bytes of those carried from launch to launch
	if len(chunks) > 1 {
		sums = 3 * 8 * rows
	}
	scratch := o.partials(sums + 4*rows)
	carried := extent{scratch.from, scratch.from + cu.DevicePtr(sums)}
	shares = vector{carried.to, rows}
	pass := func(norms, lengths bool) {
		for i, some := range chunks {
			o.launch("clip_records", warps(rows), 128, append([]any{shares, carried, uint32(rows), read{counted}, maxGradNorm,
				norms, lengths, i == 0, i == len(chunks)-1, len(some)}, gradientLayers(some, false)...)...)
		}
	}
	if len(chunks) == 1 {
		pass(true, true)
	} else {
		pass(true, false)
		pass(false, true)
	}
	return shares
}

// gradientLayers are layers as kernels take them, in one argument, the last, of as many
// words. The sums are left out where they are not added to.
func gradientLayers(layers []clippedLayer, summed bool) []any {
	var words []any
	for i := range layersPerLaunch {
		var l clippedLayer
		if i < len(layers) {
			l = layers[i]
		}
		if !summed {
			l.weights, l.bias = integers{}, integers{}
		}
		words = append(words, l.weights, l.bias, read{layer{l.input}}, read{layer{l.delta}})
	}
	return words
}

// clippedSum is a sum that waits for the increments that follow.
type clippedSum struct {
	layers []clippedLayer
	shares vector
	counters
}

// sumSide and sumThreads are those of kernels/clipped_sum.cu.
const sumSide, sumThreads = 64, 256

// tiles is the number of tiles of all layers' weights; biases have one of their own
// where there are no weights.
func (c *clippedSum) tiles() (n int) {
	for _, l := range c.layers {
		n += ceil(max(l.input.cols, 1), sumSide) * ceil(l.delta.cols, sumSide)
	}
	return n
}

// join adds a counter, unless it lies in what is summed.
func (c *clippedSum) join(value extent) bool {
	for _, l := range c.layers {
		if !apart([]extent{value}, []extent{l.weights.extent(), l.bias.extent()}) {
			return false
		}
	}
	return c.counters.join(value)
}

func (c *clippedSum) send(o operation) {
	o.name = "ClippedSum"
	tiles := c.tiles()
	number, each := parts(c.shares.n, tiles)
	o.launch("clipped_sum", grid{tiles * number, 1, 1}, sumThreads, slices.Concat([]any{read{c.shares}, c.shares.n, each, tiles},
		c.counters.arguments(), gradientLayers(c.layers, true))...)
}
