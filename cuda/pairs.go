//go:build gpu

package cuda

import (
	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// pairPlan is device.PairTables on the GPU, as kernels/pairs.cu has them.
type pairPlan struct {
	limits []int // device.PairTables.Limits
	memory cu.DevicePtr
}

// pairPlan checks pairs and places them on the GPU, or fetches them.
func (o operation) pairPlan(pairs *device.PairTables) *pairPlan {
	if o.failed() {
		return nil
	}
	if p, ok := o.pairPlans[pairs]; ok {
		o.note(p.memory)
		return p
	}
	limits, err := pairs.Limits()
	if err != nil {
		o.fail("%s: %w", o.name, err)
		return nil
	}
	var words []uint32
	for _, t := range pairs.Tables {
		words = append(words, word(t.A), word(t.B), word(t.Target), word(t.CountB), word(t.CountTarget), uint32(t.Gradient),
			uint32(t.Offset), uint32(uint64(t.Offset)>>32))
	}
	p := &pairPlan{limits: limits}
	if err := o.do(func() (err error) {
		p.memory, err = o.settled(words)
		return err
	}); err != nil {
		o.fail("%s: pair tables: %w", o.name, err)
		return nil
	}
	o.pairPlans[pairs] = p
	o.note(p.memory)
	return p
}

// PairGradients adds the gradients of rows of the table. An index beyond the table is an
// error, which Sync and Download report.
func (d *Device) PairGradients(sum device.Vector, from device.Table, pairs *device.PairTables, indices, count device.Buffer) {
	o := d.begin("PairGradients")
	plan := o.pairPlan(pairs)
	if o.failed() {
		return
	}
	t := o.table(from, len(plan.limits))
	sums := o.integers("sum", sum, pairs.Weights)
	index := o.memoryOf("indices", indices, device.Uint32)
	counted := o.uint32s("count", count, 1)
	if o.failed() {
		return
	}
	if err := device.WithinLimits(t.limits, plan.limits); err != nil {
		o.fail("PairGradients: %w", err)
		return
	}
	rows := o.uint32s("indices", index, index.n)
	o.launch("pair_gradients", grid{ceil(index.n, 256) * len(pairs.Tables), 1, 1}, 256, sums, constant(t.memory), o.rows(t),
		constant(plan.memory), uint32(index.n), read{rows}, read{counted}, extent{d.fault, d.fault + faultBytes})
}
