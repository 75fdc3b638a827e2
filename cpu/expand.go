package cpu

import "github.com/dpgan/dpgan/device"

// ExpandCodes writes rows of the table as floats. An index beyond the table is
// an error.
func (d *Device) ExpandCodes(dst device.Matrix, from device.Table, layout *device.Layout, indices, count device.Buffer) {
	o := d.begin("ExpandCodes")
	p := o.plan(layout)
	if o.failed() {
		return
	}
	t := o.table(from, p.columns)
	out := o.matrix("dst", dst, dst.Rows, layout.Width)
	index := o.uint32s("indices", indices, dst.Rows)
	counted := o.uint32s("count", count, 1)
	if o.failed() {
		return
	}
	r := d.start((*rowwise).expandBlock)
	r.plan, r.table, r.out, r.words, r.count = p, t, out, index, min(int(counted[0]), out.rows)
	d.pool.split(out.rows, rowsPerBlock, r)
	if s := r.stray.Load(); s > 0 {
		o.fail("ExpandCodes: index=%d: the table has %d rows", s-1, t.rows)
	}
}

func (r *rowwise) expandBlock(_ *worker, from, to int) {
	for i := from; i < to; i++ {
		clear(r.out.row(i))
	}
	to = min(to, r.count)
	for i := from; i < to; i++ {
		if int64(r.words[i]) >= int64(r.table.rows) {
			r.stray.Store(int64(r.words[i]) + 1)
			return
		}
	}
	if from < to {
		r.plan.expand(r.out, r.table, r.words, from, to)
	}
}

// table resolves a table of at least so many columns.
func (o operation) table(from device.Table, columns int) *table {
	if o.failed() {
		return nil
	}
	t, ok := from.(*table)
	switch {
	case !ok || t == nil || t.owner != o.Device:
		o.fail("%s: table=%T: not a table of this device; make it with NewTable", o.name, from)
	case len(t.columns) < columns:
		o.fail("%s: table has %d columns: %d are needed (or the table was released)", o.name, len(t.columns), columns)
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
			out.row(i)[s.Start+p.mode(k, codes.At(int(index[i])))] = 1
		}
	}
}
