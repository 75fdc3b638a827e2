package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

func gridPairGeneric(words []uint32, even, odd []float32, evenFactor, oddFactor float32) (evenSquares, oddSquares int64) {
	for j, x := range even[:len(words)] {
		a, b := onGrid(x*evenFactor, &evenSquares), onGrid(odd[j]*oddFactor, &oddSquares)
		words[j] = uint32(a)&0xffff | uint32(b)<<16
	}
	return evenSquares, oddSquares
}

// onGrid rounds x and adds its square to squares, which stays -1 once an x was not
// finite.
func onGrid(x float32, squares *int64) int32 {
	if x-x != 0 || *squares < 0 {
		*squares = -1
		return 0
	}
	v := int32(math.RoundToEven(float64(max(-device.MostGrid, min(device.MostGrid, x)))))
	*squares += int64(v) * int64(v)
	return v
}

func sumTileGeneric(pairs int, a []uint32, aRow, aCol int, b []uint32, bRow int, c []uint64, cRow int) {
	var sums [genericTile]int32
	for i := range genericTile {
		clear(sums[:])
		for t := range pairs {
			word := a[i*aRow+t*aCol]
			even, odd := int32(int16(word)), int32(int16(word>>16))
			if word == 0 {
				continue
			}
			for j, s := range b[t*bRow:][:genericTile] {
				sums[j] += even*int32(int16(s)) + odd*int32(int16(s>>16))
			}
		}
		for j, s := range sums {
			c[i*cRow+j] += uint64(int64(s))
		}
	}
}

func scatterSumsGeneric(dw []uint64, s []int32, stride int, columns, values []int32) {
	for k, column := range columns {
		row, value := dw[int(column)*stride:][:len(s)], values[k]
		for j, v := range s {
			row[j] += uint64(int64(value * v))
		}
	}
}

// undecided marks a draw of the kernel noise that float64 does not decide.
const undecided = 1 << 63

func noiseGeneric(dst []uint64, state *[12]uint32, sigma float64) (open uint64) {
	key, block := (*[8]uint32)(state[:8]), state[8]
	step := uint64(state[10]) | uint64(state[11])<<32
	for at := 0; at < len(dst); at += 8 {
		for i, draw := range device.RoundedNoise(key, state[9], step, block, sigma) {
			dst[at+i] = uint64(int64(draw))
		}
		block++
	}
	return 0
}

func noisedGeneric(gradient []float32, private, public, noise []uint64, perPrivate, perPublic float64) {
	for i := range gradient {
		gradient[i] = float32(float64(int64(private[i]+noise[i]))*perPrivate + float64(int64(public[i]))*perPublic)
		private[i], public[i] = 0, 0
	}
}
