package cpu

import "github.com/dpgan/dpgan/device"

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

func expGeneric(x []float32) {
	for i, v := range x {
		x[i] = exp32(v)
	}
}
