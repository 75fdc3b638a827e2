//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// LogisticDelta is the gradient of the binary cross-entropy at the logits.
func (d *Device) LogisticDelta(delta, logits device.Matrix, target, weight float32, stats device.Vector) {
	o := d.begin("LogisticDelta")
	out := o.matrix("delta", delta, logits.Rows, 1)
	in := o.matrix("logits", logits, logits.Rows, 1)
	var mean vector
	if stats.Buffer != nil {
		mean = o.vector("stats", stats, 2)
	}
	o.launchLogisticDelta(blocks(1), out, in, in.rows, target, weight, mean)
}
