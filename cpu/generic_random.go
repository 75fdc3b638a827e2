package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

func uniformGeneric(dst []float32, seed uint64, block, stream uint32, step uint64) {
	draw := device.Draw{Seed: seed, Step: step, Stream: stream}
	for at := 0; at < len(dst); at += 4 {
		words := draw.Block(block)
		for j, w := range words {
			dst[at+j] = device.UnitInterval(w)
		}
		block++
	}
}

func gumbelGeneric(u, logits []float32) {
	negLog(u)
	negLog(u)
	addGeneric(u, logits)
}

func boxMullerGeneric(x []float32) {
	var radius [1]float32
	for i := 0; i < len(x); i += 2 {
		radius[0] = x[i]
		negLog(radius[:])
		sin, cos := sincosTurn(x[i+1])
		r := float32(math.Sqrt(float64(2 * radius[0])))
		x[i], x[i+1] = r*cos, r*sin
	}
}

func expGeneric(x []float32) {
	for i, v := range x {
		x[i] = exp32(v)
	}
}

func noiseGeneric(dst []float64, state *[12]uint32) {
	key, block := (*[8]uint32)(state[:8]), state[8]
	step := uint64(state[10]) | uint64(state[11])<<32
	for at := 0; at < len(dst); at += 8 {
		normals := device.NoiseBlock(key, state[9], step, block)
		copy(dst[at:], normals[:])
		block++
	}
}

func noisedGeneric(private, public []float32, normals []float64, std, perGrid, grid, perPrivate, perPublic float64) {
	for i, x := range private {
		onGrid := math.RoundToEven((float64(x)+std*normals[i])*perGrid) * grid
		private[i] = float32(onGrid*perPrivate + float64(public[i])*perPublic)
		public[i] = 0
	}
}
