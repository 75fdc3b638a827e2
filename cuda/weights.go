//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// rowsOfPart is the least number of records whose gradients one block sums up.
const rowsOfPart = 128

// weightSum is one LinearBackwardWeights.
type weightSum struct {
	dw, x, dy      matrix
	db             vector
	tile           tile
	parts, perPart int // into which the records are cut, and their number in each
}

// LinearBackwardWeights adds the sum of the records' gradients. The sums of several
// layers, one after the other, are one launch.
func (d *Device) LinearBackwardWeights(dw device.Matrix, db device.Vector, x, dy device.Matrix) {
	o := d.begin("LinearBackwardWeights")
	s := weightSum{
		dw: o.matrix("dw", dw, x.Cols, dy.Cols),
		db: o.vector("db", db, dy.Cols),
		x:  o.matrix("x", x, dy.Rows, x.Cols),
		dy: o.matrix("dy", dy, dy.Rows, dy.Cols),
	}
	if o.failed() || s.x.rows == 0 || s.dy.cols == 0 {
		return
	}
	s.tile = o.tile(s.x.cols, s.dy.cols)
	s.parts, s.perPart = parts(s.x.rows, s.tiles())
	if sums, ok := d.deferred.(*weightSums); ok && sums.admit(s) {
		sums.all = append(sums.all, s)
		return
	}
	d.deferWork(&weightSums{all: []weightSum{s}})
}

// tiles is the number of tiles of the result; the bias has one where there are no weights.
func (s weightSum) tiles() int {
	g := s.tile.grid(max(s.x.cols, 1), s.dy.cols)
	return g.x * g.y
}

// elements is the number of weights and biases.
func (s weightSum) elements() int { return (s.x.cols + 1) * s.dy.cols }

func (s weightSum) reads() []extent {
	return []extent{s.x.extent(), s.dy.extent()}
}

func (s weightSum) writes() []extent { return []extent{s.dw.extent(), s.db.extent()} }

// parts cuts rows so that there are enough blocks, and says how many rows a part has.
func parts(rows, tiles int) (number, each int) {
	const depth = 16 // DEPTH of kernels/operand.h
	number = max(1, min(ceil(2*enoughBlocks, max(tiles, 1)), ceil(rows, rowsOfPart)))
	each = ceil(ceil(rows, number), depth) * depth
	return ceil(rows, each), each
}

// sumsPerLaunch is how many sums the kernels take, elementsPerBlock how many sums of
// parts a block of weights_sum adds up.
const sumsPerLaunch, elementsPerBlock = 4, 256

// weightSums are sums that wait to be launched together, and with them the
// increments that follow: no sum reads a counter.
type weightSums struct {
	all []weightSum
	counters
}

// admit tells whether s can be computed at the same time as the others: it must not
// touch what they write, nor they what it does.
func (w *weightSums) admit(s weightSum) bool {
	if len(w.all) == sumsPerLaunch {
		return false
	}
	for _, other := range w.all {
		if s.tile != other.tile || !disjoint(s.writes(), other.writes()) || !disjoint(s.writes(), other.reads()) || !disjoint(s.reads(), other.writes()) {
			return false
		}
	}
	return true
}

func (w *weightSums) send(o operation) {
	o.name = "LinearBackwardWeights"
	scratch := 0
	for _, s := range w.all {
		if s.parts > 1 {
			scratch += s.parts * s.elements()
		}
	}
	at := o.scratchFor(4 * scratch)
	var sets [sumsPerLaunch]linearBackwardWeightsSet
	summing, adding := 0, 0 // blocks
	for i := range sets {
		if i >= len(w.all) {
			sets[i].rowsOfPart = 1
			continue
		}
		s := w.all[i]
		summing += s.tiles() * s.parts
		var parts vector
		if s.parts > 1 {
			parts = vector{at, s.parts * s.elements()}
			at = parts.extent().to
			adding += ceil(s.elements(), elementsPerBlock)
		}
		sets[i] = linearBackwardWeightsSet{dw: s.dw, db: s.db, x: s.x, dy: s.dy, parts: parts,
			rows: s.x.rows, rowsOfPart: s.perPart, inputs: s.x.cols, outputs: s.dy.cols}
	}
	o.launchLinearBackwardWeights(w.all[0].tile.name, blocks(summing), sets, w.counters.arguments())
	o.launchWeightsSum(blocks(adding), sets)
}
