//go:build gpu

package cuda

import (
	"slices"

	"github.com/dpgan/dpgan/device"
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
	var counted array[uint32]
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
			d.deferWork(c)
		}
	}
}

// clip finds what the records' deltas are multiplied by. More layers than a launch
// takes are gone through twice, for the norms and then for the lengths on the grid.
func (o operation) clip(layers []clippedLayer, rows int, counted array[uint32], maxGradNorm float64) (shares vector) {
	chunks := slices.Collect(slices.Chunk(layers, layersPerLaunch))
	sums := 0 // those carried from launch to launch
	if len(chunks) > 1 {
		sums = 3 * rows
	}
	carried := array[float64]{o.scratchFor(8*sums + 4*rows), sums}
	shares = vector{carried.extent().to, rows}
	pass := func(norms, lengths bool) {
		for i, some := range chunks {
			o.launchClipRecords(warps(rows), shares, carried, uint32(rows), counted, maxGradNorm,
				norms, lengths, i == 0, i == len(chunks)-1, len(some), layersOf(some, false))
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

// gradientLayers is GradientLayers of kernels/clipped.h.
type gradientLayers [layersPerLaunch]clippedLayer

// layersOf are layers as kernels take them. The sums are left out where they are not
// added to.
func layersOf(layers []clippedLayer, summed bool) (all gradientLayers) {
	for i, l := range layers {
		if !summed {
			l.weights, l.bias = integers{}, integers{}
		}
		all[i] = l
	}
	return all
}

// gradientLayers appends all, the columns and stride of a matrix in one word.
func (a *arguments) gradientLayers(all gradientLayers) {
	for _, l := range all {
		a.write(l.weights.extent())
		a.write(l.bias.extent())
		for _, m := range []matrix{l.input, l.delta} {
			a.read(m.extent())
			a.uint64(uint64(m.stride)<<32 | uint64(m.cols))
		}
	}
}

// clippedSum is a sum that waits for the increments that follow.
type clippedSum struct {
	layers []clippedLayer
	shares vector
	counters
}

// sumSide is that of kernels/clipped_sum.cu.
const sumSide = 64

// tiles is the number of tiles of all layers' weights; biases have one of their own
// where there are no weights.
func (c *clippedSum) tiles() (n int) {
	for _, l := range c.layers {
		n += ceil(max(l.input.cols, 1), sumSide) * ceil(l.delta.cols, sumSide)
	}
	return n
}

// join adds a counter, unless it lies in what is summed.
func (c *clippedSum) join(value integers) bool {
	for _, l := range c.layers {
		if !disjoint([]extent{value.extent()}, []extent{l.weights.extent(), l.bias.extent()}) {
			return false
		}
	}
	return c.counters.join(value)
}

func (c *clippedSum) send(o operation) {
	o.name = "ClippedSum"
	tiles := c.tiles()
	number, each := parts(c.shares.n, tiles)
	o.launchClippedSum(blocks(tiles*number), c.shares, c.shares.n, each, tiles, c.counters.arguments(), layersOf(c.layers, true))
}
