package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// fillUniform sets dst[j] to draw.Uniform(first+j).
func fillUniform(dst []float32, draw device.Draw, first int) {
	for first%4 != 0 && len(dst) > 0 {
		dst[0] = draw.Uniform(first)
		dst, first = dst[1:], first+1
	}
	block := uint32(first / 4)
	for len(dst) >= 4 {
		words := draw.Block(block)
		dst[0] = device.UnitInterval(words[0])
		dst[1] = device.UnitInterval(words[1])
		dst[2] = device.UnitInterval(words[2])
		dst[3] = device.UnitInterval(words[3])
		dst, block = dst[4:], block+1
	}
	for j := range dst {
		dst[j] = draw.Uniform(int(block)*4 + j)
	}
}

// fillNormal sets dst[j] to draw.Normal(first+j), but for rounding: Box and
// Muller in float32.
func fillNormal(w *worker, dst []float32, draw device.Draw, first int) {
	// Whole blocks of four around the numbers that are wanted.
	skip := first % 4
	n := (skip + len(dst) + 3) / 4 * 4
	scratch := grow(&w.float32s, n+n/2)
	normals, radii := scratch[:n], scratch[n:]
	fillUniform(normals, draw, first-skip)
	for pair := range radii {
		radii[pair] = normals[2*pair]
	}
	negLog(radii)
	for pair, r := range radii {
		sin, cos := sincosTurn(normals[2*pair+1])
		radius := float32(math.Sqrt(float64(2 * r)))
		normals[2*pair], normals[2*pair+1] = radius*cos, radius*sin
	}
	copy(dst, normals[skip:])
}
