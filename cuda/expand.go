//go:build gpu

package cuda

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// ExpandCodes writes rows of the table as floats. An index beyond the table is an
// error, which Sync and Download report.
func (d *Device) ExpandCodes(dst device.Matrix, from device.Table, layout *device.Layout, indices, count device.Buffer) {
	o := d.begin("ExpandCodes")
	l := o.layoutTables(layout)
	if o.failed() {
		return
	}
	t := o.table(from, l.columns)
	out := o.matrix("dst", dst, dst.Rows, layout.Width)
	index := o.uint32s("indices", indices, dst.Rows)
	counted := o.uint32s("count", count, 1)
	if o.failed() {
		return
	}
	o.launchExpandCodes(across(out.size()), out, out.rows, out.cols, t.described(), o.rows(t), l.spans, l.edges, l.spanOf, index, counted, d.fault)
}

// rows is how many of t indices can reach, which are all, as a kernel takes it.
func (o operation) rows(t *table) uint32 {
	if t.rows > math.MaxUint32 {
		o.fail("%s: table has %d rows: indices reach %d", o.name, t.rows, uint32(math.MaxUint32))
	}
	return uint32(t.rows)
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
	case t.columns < columns:
		o.fail("%s: table has %d columns: %d are needed (or the table was released)", o.name, t.columns, columns)
	default:
		if o.recording != nil {
			o.recording.buffers[t] = struct{}{}
		}
		return t
	}
	return nil
}

// faultBytes is the size of what kernels report.
const faultBytes = 4

// readFault is called when the stream is empty.
func (d *Device) readFault() error {
	var index uint32
	if err := cu.MemcpyDtoH(unsafe.Pointer(&index), d.fault.address, faultBytes); err != nil {
		return err
	}
	if index > 0 {
		return fmt.Errorf("ExpandCodes, PairGradients: index=%d: beyond the rows of the table", index-1)
	}
	return nil
}
