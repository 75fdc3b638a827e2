package cpu

import "golang.org/x/sys/cpu"

// vectorKernels lists the instruction sets of this machine, fastest first.
func vectorKernels() []*kernels {
	var sets []*kernels
	x := &cpu.X86
	if !x.HasAVX2 || !x.HasFMA || !x.HasBMI2 {
		return nil
	}
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL {
		if x.HasAVX512VNNI {
			avx512.sumTile = sumTileVNNIAVX512
		}
		sets = append(sets, &avx512)
	}
	return append(sets, &avx2)
}

var avx2 = kernels{
	name: "avx2", tileRows: 6, tileCols: 16, lanes: 8,
	pause: pauseAVX2, tile: tileAVX2, packRows: packRowsAVX2, packScaled: packScaledAVX2, transpose: transposeAVX2,
	dot: dotAVX2, axpy: axpyAVX2, gatherRows: gatherRowsAVX2, scatterRows: scatterRowsAVX2, nonzeros: nonzerosAVX2,
	activate: activateAVX2, dropout: dropoutAVX2, derive: deriveAVX2, deriveScaled: deriveScaledAVX2, add: addAVX2,
	sumSquares: sumSquaresAVX2, addScaled: addScaledAVX2, sumRows: sumRowsAVX2, average: averageAVX2, adam: adamAVX2,
	uniform: uniformAVX2, gumbel: gumbelAVX2, exp: expAVX2, descend: descendAVX2, share: shareAVX2, shareBack: shareBackAVX2, noise: noiseAVX2, noised: noisedAVX2,
	gridPair: gridPairAVX2, sumTile: sumTileAVX2, scatterSums: scatterSumsAVX2,
	squareDistances: squareDistancesAVX2, normalise: normaliseAVX2, normSums: normSumsAVX2, normBack: normBackAVX2,
}

var avx512 = kernels{
	name: "avx512", tileRows: 12, tileCols: 32, lanes: 16,
	pause: pauseAVX512, tile: tileAVX512, packRows: packRowsAVX512, packScaled: packScaledAVX512, transpose: transposeAVX512,
	dot: dotAVX512, axpy: axpyAVX512, gatherRows: gatherRowsAVX512, scatterRows: scatterRowsAVX512, nonzeros: nonzerosAVX512,
	strip: stripAVX512, roundRows: roundRowsAVX512, roundPairs: roundPairsAVX512,
	activate: activateAVX512, dropout: dropoutAVX512, derive: deriveAVX512, deriveScaled: deriveScaledAVX512, add: addAVX512,
	sumSquares: sumSquaresAVX512, addScaled: addScaledAVX512, sumRows: sumRowsAVX512, average: averageAVX512, adam: adamAVX512,
	uniform: uniformAVX512, gumbel: gumbelAVX512, exp: expAVX512, descend: descendAVX512, share: shareAVX512, shareBack: shareBackAVX512, noise: noiseAVX512, noised: noisedAVX512,
	gridPair: gridPairAVX512, sumTile: sumTileAVX512, scatterSums: scatterSumsAVX512,
	squareDistances: squareDistancesAVX512, normalise: normaliseAVX512, normSums: normSumsAVX512, normBack: normBackAVX512,
}
