package cpu

import (
	"sync/atomic"

	"github.com/dpgan/dpgan/device"
)

// rowsPerBlock is how many rows of a row-wise operation make a block: few
// enough to share out a small batch, many enough to pay for the handover.
const rowsPerBlock = 64

// ExpandCodes writes rows of the table as floats. An index beyond the table is
// an error.
func (d *Device) ExpandCodes(dst device.Matrix, from device.Table, layout *device.Layout, indices, count device.Buffer) {
	o := d.begin("ExpandCodes")
	p := o.plan(layout)
	t := o.table(from, p)
	if o.failed() {
		return
	}
	out := o.matrix("dst", dst, dst.Rows, layout.Width)
	index := o.uint32s("indices", indices, dst.Rows)
	counted := o.uint32s("count", count, 1)
	if o.failed() {
		return
	}
	rows := min(int(counted[0]), out.rows)
	var stray atomic.Int64
	d.pool.split(out.rows, rowsPerBlock, func(_ *worker, from, to int) {
		for i := from; i < to; i++ {
			clear(out.row(i))
		}
		for i := from; i < min(to, rows); i++ {
			if int64(index[i]) >= int64(t.rows) {
				stray.Store(int64(index[i]) + 1)
				return
			}
		}
		to = min(to, rows)
		if from < to {
			p.expand(out, t, index, from, to)
		}
	})
	if s := stray.Load(); s > 0 {
		o.fail("ExpandCodes: index=%d: the table has %d rows", s-1, t.rows)
	}
}

func (o operation) table(from device.Table, p *plan) *table {
	if o.failed() {
		return nil
	}
	t, ok := from.(*table)
	switch {
	case !ok || t == nil || t.owner != o.Device:
		o.fail("%s: table=%T: not a table of this device; make it with NewTable", o.name, from)
	case len(t.columns) < p.columns:
		o.fail("%s: table has %d columns: the layout needs %d (or the table was released)", o.name, len(t.columns), p.columns)
	default:
		return t
	}
	return nil
}

// expand writes the cells that are not zero, span by span.
func (p *plan) expand(out matrix, t *table, index []uint32, from, to int) {
	for k := range p.layout.Spans {
		s := &p.layout.Spans[k]
		codes := t.columns[s.Column]
		for i := from; i < to; i++ {
			code := codes.At(int(index[i]))
			mode := p.mode(k, code)
			row := out.row(i)
			row[s.ModeStart()+mode] = 1
			if s.Offset {
				row[s.Start] = s.Position(code, mode)
			}
		}
	}
}
