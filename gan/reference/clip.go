package reference

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// addRecord adds the integers of the gradient of the record that lies in the leaves
// (device.ClipRecord). Of a layer's gradient x ⊗ δ, δ is that of the bias.
func (e *engine) addRecord(record int, sign float64, d draws, sum []int64) error {
	a := e.net
	a.record.sign[0] = sign
	for l, mask := range a.record.masks {
		d.mask(mask, l, record, a.shape.dropout)
	}
	if err := a.record.run(); err != nil {
		return err
	}
	a.record.byParameter.write()
	var inputs, deltas [][]float32
	for _, l := range a.shape.layers {
		x, delta := l.factors(a.gradient)
		inputs, deltas = append(inputs, x), append(deltas, delta)
	}
	u, s := device.ClipRecord(inputs, deltas, e.config.Step.MaxGradNorm)
	for i, l := range a.shape.layers {
		for j, v := range s[i] {
			sum[l.bias+j] += int64(v) << device.InputBits
			for k, x := range u[i] {
				sum[l.weight+k*l.out+j] += int64(x) * int64(v)
			}
		}
	}
	return nil
}

// factors are x and δ of a record whose gradient is x ⊗ δ for the weights and δ for
// the bias; x is zero if δ is.
func (l *affine) factors(gradient []float64) (x, delta []float32) {
	in, largest := 0, 0
	for _, p := range l.parts {
		in += p
	}
	bias := gradient[l.bias : l.bias+l.out]
	for j, d := range bias {
		delta = append(delta, float32(d))
		if math.Abs(d) > math.Abs(bias[largest]) || math.IsNaN(d) {
			largest = j
		}
	}
	x = make([]float32, in)
	for k := range x {
		if d := bias[largest]; d != 0 {
			x[k] = float32(gradient[l.weight+k*l.out+largest] / d)
		}
	}
	return x, delta
}
