//go:build gpu

package cuda

import "github.com/dpgan/dpgan/device"

// DrawCodes draws rows of codes from logits.
func (d *Device) DrawCodes(codes device.Buffer, logits, condition device.Matrix, layout *device.Layout, rng device.RNG) {
	o := d.begin("DrawCodes")
	p := o.plan(layout)
	if o.failed() {
		return
	}
	in := o.matrix("logits", logits, logits.Rows, layout.Width)
	var wanted matrix
	if condition.Buffer != nil {
		wanted = o.matrix("condition", condition, logits.Rows, layout.ConditionWidth)
	}
	spans := len(p.Spans)
	out := o.uint32s("codes", codes, logits.Rows*spans)
	stream := o.draw(rng)
	o.launch("draw_codes", warps(in.rows*spans), 128, out, read{in}, read{wanted}, in.rows, in.cols, p.spans, spans, p.edges, stream)
}
