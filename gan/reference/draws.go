package reference

import (
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/nets"
)

// draws is the randomness at one value of its counter: the numbers that the
// operations of device draw, by their documentation.
type draws struct{ seed, step uint64 }

func (d draws) stream(stream uint32) device.Draw {
	return device.Draw{Seed: d.seed, Step: d.step, Stream: stream}
}

// gumbel is -ln(-ln u) for number i of the heads' stream.
func (d draws) gumbel(i int) float64 {
	return -math.Log(-math.Log(float64(d.stream(nets.HeadsStream).Uniform(i))))
}

// mask fills dst with record's dropout in hidden layer l: 0, or 1/(1-dropout).
func (d draws) mask(dst []float64, l, record int, dropout float32) {
	draw := d.stream(nets.DropoutStream + uint32(l))
	for j := range dst {
		dst[j] = 0
		if draw.Uniform(record*len(dst)+j) >= dropout {
			dst[j] = 1 / (1 - float64(dropout))
		}
	}
}
