package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// genericTile is the size of gonum's blocks, so that it stays on one thread.
const genericTile = 64

// generic are the kernels in plain Go, over gonum's Sgemm: the portable
// fallback, and what the others are tested against.
var generic = kernels{
	name: "generic", tileRows: genericTile, tileCols: genericTile, lanes: 8,
	pause: func() {}, tile: tileGeneric, packRows: packRowsGeneric, packScaled: packScaledGeneric, transpose: transposeGeneric,
	dot: dotGeneric, axpy: axpyGeneric, gatherRows: gatherRowsGeneric, scatterRows: scatterRowsGeneric, nonzeros: nonzerosGeneric,
	gridPair: gridPairGeneric, sumTile: sumTileGeneric, scatterSums: scatterSumsGeneric,
	activate: activateGeneric, dropout: dropoutGeneric, derive: deriveGeneric, deriveScaled: deriveScaledGeneric, add: addGeneric,
	sumSquares: sumSquaresGeneric, addScaled: addScaledGeneric, sumRows: sumRowsGeneric, average: averageGeneric, adam: adamGeneric,
	uniform: uniformGeneric, gumbel: gumbelGeneric, exp: expGeneric, descend: descendGeneric, share: shareGeneric, shareBack: shareBackGeneric, noise: noiseGeneric, noised: noisedGeneric,
	squareDistances: squareDistancesGeneric, normalise: normaliseGeneric, normSums: normSumsGeneric, normBack: normBackGeneric,
}

func tileGeneric(k int, a []float32, aRow, aCol int, b, init []float32, initRow int, c []float32, cRow, cols int) {
	for i := range genericTile {
		copy(c[i*cRow:i*cRow+cols], init[i*initRow:i*initRow+cols])
	}
	if k == 0 {
		return
	}
	order, stride := blas.NoTrans, aRow
	if aRow == 1 && aCol > 1 {
		order, stride = blas.Trans, aCol
	}
	gonum.Implementation{}.Sgemm(order, blas.NoTrans, genericTile, cols, k, 1, a, stride, b, genericTile, 1, c, cRow)
}

func packRowsGeneric(dst, src []float32, stride int, rows []int32, cols int) {
	for p, row := range rows {
		out := dst[p*genericTile:][:genericTile]
		clear(out[copy(out, src[int(row)*stride:][:cols]):])
	}
}

func packScaledGeneric(dst, src []float32, stride int, rows []int32, scale []float32, cols int) {
	for p, row := range rows {
		out, factor := dst[p*genericTile:][:genericTile], scale[row]
		for j, v := range src[int(row)*stride:][:cols] {
			out[j] = factor * v
		}
		clear(out[cols:])
	}
}

func transposeGeneric(dst []float32, dstStride int, src []float32, srcStride, blocks int) {
	for i := range 8 {
		for j, v := range src[i*srcStride:][:8*blocks] {
			dst[j*dstStride+i] = v
		}
	}
}

func dotGeneric(x, y []float32) float32 {
	return gonum.Implementation{}.Sdot(len(x), x, 1, y, 1)
}

func axpyGeneric(dst, src []float32, factor float32) {
	gonum.Implementation{}.Saxpy(len(dst), factor, src, 1, dst, 1)
}

func gatherRowsGeneric(y, w []float32, stride int, columns []int32, values []float32) {
	for k, column := range columns {
		axpyGeneric(y, w[int(column)*stride:], values[k])
	}
}

func scatterRowsGeneric(dw, x []float32, stride int, columns []int32, values []float32) {
	for k, column := range columns {
		axpyGeneric(dw[int(column)*stride:][:len(x)], x, values[k])
	}
}

func nonzerosGeneric(bits []uint8, x []float32) {
	for at := 0; at < len(x); at += 8 {
		word := uint8(0)
		for j, v := range x[at : at+8] {
			if v != 0 {
				word |= 1 << j
			}
		}
		bits[at/8] = word
	}
}
