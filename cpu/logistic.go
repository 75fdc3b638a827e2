package cpu

import (
	"math"

	"github.com/dpgan/dpgan/device"
)

// LogisticDelta is the gradient of the binary cross-entropy at the logits.
func (d *Device) LogisticDelta(delta, logits device.Matrix, target, weight float32, stats device.Vector) {
	o := d.begin("LogisticDelta")
	out := o.matrix("delta", delta, logits.Rows, 1)
	in := o.matrix("logits", logits, logits.Rows, 1)
	var mean []float32
	if stats.Buffer != nil {
		mean = o.vector("stats", stats, 2)
	}
	if o.failed() {
		return
	}
	loss, right := 0.0, 0
	for i := range in.rows {
		z := float64(in.row(i)[0])
		out.row(i)[0] = float32(float64(weight) * (1/(1+math.Exp(-z)) - float64(target)))
		if mean == nil {
			continue
		}
		// softplus(z) - target·z, without overflow.
		loss += max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - float64(target)*z
		if (target > 0.5 && z > 0) || (target <= 0.5 && z < 0) {
			right++
		}
	}
	if mean != nil {
		n := float64(max(in.rows, 1))
		mean[0], mean[1] = float32(loss/n), float32(float64(right)/n)
	}
}
