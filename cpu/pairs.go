package cpu

import (
	"slices"

	"github.com/dpgan/dpgan/device"
)

// pairRows is how many rows all tables go through before the next ones: their codes, of
// the three columns of a table, fit the first cache beside the weights of a small one.
const pairRows = 4096

// pairing is PairGradients in progress, on a block of rows.
type pairing struct {
	*pairPlan
	from  *table
	sum   []uint64
	index []uint32 // of the block's rows
	codes []uint32 // [len(columns), pairRows]
}

// PairGradients adds the gradients of rows of the table. An index beyond the table is an
// error, and then nothing is added.
func (d *Device) PairGradients(sum device.Vector, from device.Table, pairs *device.PairTables, indices, count device.Buffer) {
	o := d.begin("PairGradients")
	plan := o.pairPlan(pairs)
	if o.failed() {
		return
	}
	t := o.table(from, len(plan.limits))
	sums := o.uint64s("sum", sum, pairs.Weights)
	rows := o.bufferOf("indices", indices, device.Uint32)
	counted := o.uint32s("count", count, 1)
	if o.failed() {
		return
	}
	if err := device.WithinLimits(t.limits, plan.limits); err != nil {
		o.fail("PairGradients: %w", err)
		return
	}
	index := rows.uint32s[:min(int(counted[0]), rows.Len())]
	if len(index) > 0 && int64(slices.Max(index)) >= int64(t.rows) {
		o.fail("PairGradients: index=%d: the table has %d rows", slices.Max(index), t.rows)
		return
	}
	d.pairing = pairing{plan, t, sums, nil, grow(&d.pairCodes, len(plan.columns)*pairRows)}
	for block := range slices.Chunk(index, pairRows) {
		d.pairing.index = block
		d.pool.split(len(plan.columns), 1, (*pairGather)(&d.pairing))
		d.pool.split(len(plan.tables), 1, &d.pairing)
	}
}

// pairGather copies the codes of the block's rows, column by column.
type pairGather pairing

func (p *pairGather) run(_ *worker, from, to int) {
	for k := from; k < to; k++ {
		dst, codes := p.codes[k*pairRows:][:len(p.index)], p.from.columns[p.columns[k]]
		switch {
		case codes.U8 != nil:
			gather(dst, codes.U8, p.index)
		case codes.U16 != nil:
			gather(dst, codes.U16, p.index)
		default:
			gather(dst, codes.U32, p.index)
		}
	}
}

func gather[T uint8 | uint16 | uint32](dst []uint32, codes []T, index []uint32) {
	for i, row := range index[:len(dst)] {
		dst[i] = uint32(codes[row])
	}
}

// run adds to the weights of tables [from, to), which are no other thread's.
func (p *pairing) run(_ *worker, from, to int) {
	column := func(k int) []uint32 { return p.codes[k*pairRows:][:len(p.index)] }
	for i := from; i < to; i++ {
		t := &p.tables[i]
		sum := p.sum[t.offset:t.end]
		if t.target < 0 {
			addPairs(sum, t.gradient, column(t.a), column(t.b), t.countB)
		} else {
			addTriples(sum, t.gradient, column(t.a), column(t.b), column(t.target), t.countB, t.countTarget)
		}
	}
}

func addPairs(sum []uint64, gradient uint64, a, b []uint32, countB int) {
	b = b[:len(a)]
	for r, code := range a {
		sum[int(code)*countB+int(b[r])] += gradient
	}
}

func addTriples(sum []uint64, gradient uint64, a, b, y []uint32, countB, countTarget int) {
	b, y = b[:len(a)], y[:len(a)]
	for r, code := range a {
		sum[(int(code)*countB+int(b[r]))*countTarget+int(y[r])] += gradient
	}
}
