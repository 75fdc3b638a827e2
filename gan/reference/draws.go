package reference

import (
	"math"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan"
)

// draws is the public randomness at one value of the draw counter: the numbers
// that the operations of device draw, by their documentation.
type draws struct{ seed, step uint64 }

func (d draws) stream(stream uint32) device.Draw {
	return device.Draw{Seed: d.seed, Step: d.step, Stream: stream}
}

// latents fills dst with standard normals.
func (d draws) latents(dst []float64) {
	draw := d.stream(gan.LatentStream)
	for i := range dst {
		dst[i] = float64(draw.Normal(i))
	}
}

// gumbel is -ln(-ln u) for number i of the heads' stream.
func (d draws) gumbel(i int) float64 {
	return -math.Log(-math.Log(float64(d.stream(gan.HeadsStream).Uniform(i))))
}

// mask fills dst with record's dropout in hidden layer l: 0, or 1/(1-dropout).
func (d draws) mask(dst []float64, l, record int, dropout float32) {
	draw := d.stream(gan.DropoutStream + uint32(l))
	for j := range dst {
		dst[j] = 0
		if draw.Uniform(record*len(dst)+j) >= dropout {
			dst[j] = 1 / (1 - float64(dropout))
		}
	}
}

// wish is a conditioned span, and the mode of it that is asked for.
type wish struct{ span, mode int }

// pick is the conditioned span that u falls on.
func pick(layout *device.Layout, u float32) int {
	conditioned := layout.Conditioned()
	return conditioned[min(int(u*float32(len(conditioned))), len(conditioned)-1)]
}

// condition draws what record is asked to be.
func (d draws) condition(layout *device.Layout, cumulative []float32, record int) wish {
	draw := d.stream(gan.ConditionStream)
	w := wish{span: pick(layout, draw.Uniform(2*record))}
	span := &layout.Spans[w.span]
	for v := draw.Uniform(2*record + 1); w.mode < span.Modes()-1 && v >= cumulative[span.Condition+w.mode]; {
		w.mode++
	}
	return w
}

// own takes the condition of record from its own row.
func (d draws) own(dst, row []float64, layout *device.Layout, record int) {
	clear(dst)
	if len(dst) == 0 {
		return
	}
	span := &layout.Spans[pick(layout, d.stream(gan.OwnConditionStream).Uniform(record))]
	copy(dst[span.Condition:], row[span.ModeStart():span.ModeStart()+span.Modes()])
}
