//go:build gpu

package cuda

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/cu"
)

// table is a copy of the caller's columns on the GPU, in one piece of memory.
type table struct {
	owner   *Device
	memory  cu.DevicePtr // the descriptions of the columns, then their codes
	columns int
	rows    int
	limits  []int // of the columns' codes

	released bool
}

// column is Column of kernels/column.h: where its codes lie, and their width.
type column struct{ codes, bytes uint64 }

// described is the columns' descriptions on the GPU.
func (t *table) described() array[column] { return array[column]{t.memory, t.columns} }

// columnAlign is where columns may start: at the sectors in which a GPU reads.
const columnAlign = 32

// NewTable copies columns to the GPU, a byte, two or four a code.
func (d *Device) NewTable(columns []device.Codes) (device.Table, error) {
	if d.err != nil {
		return nil, d.err
	}
	t := &table{owner: d, columns: len(columns)}
	if len(columns) == 0 {
		return t, nil
	}
	t.rows = columns[0].Len()
	bytes := int64(align(16 * len(columns)))
	for i, c := range columns {
		if c.Len() != t.rows {
			return nil, fmt.Errorf("cuda: NewTable: column %d has %d rows: must have %d, as the first", i, c.Len(), t.rows)
		}
		if (c.U8 != nil && c.U16 != nil) || (c.U8 != nil && c.U32 != nil) || (c.U16 != nil && c.U32 != nil) {
			return nil, fmt.Errorf("cuda: NewTable: column %d has codes of two widths: set one field", i)
		}
		t.limits = append(t.limits, c.Limit())
		bytes += int64(align(len(codeBytes(c))))
	}
	if d.recording != nil {
		return nil, fmt.Errorf("cuda: %sNewTable: not an operation: place the table before Record", d.place)
	}
	if err := d.do(func() error { return t.upload(columns, bytes) }); err != nil {
		return nil, fmt.Errorf("cuda: table of %d rows: %w", t.rows, explain(err))
	}
	return t, nil
}

func (t *table) upload(columns []device.Codes, bytes int64) (err error) {
	d := t.owner
	if t.memory, err = d.alloc(bytes); err != nil {
		return err
	}
	at := t.memory + cu.DevicePtr(align(16*len(columns)))
	var descriptions []column
	for _, c := range columns {
		codes := codeBytes(c)
		if err := d.upload(at, codes); err != nil {
			return err
		}
		descriptions = append(descriptions, column{uint64(at), uint64(len(codes) / max(t.rows, 1))})
		at += cu.DevicePtr(align(len(codes)))
	}
	return d.upload(t.memory, bytesOf(descriptions))
}

func align(bytes int) int { return ceil(bytes, columnAlign) * columnAlign }

func codeBytes(c device.Codes) []byte {
	switch {
	case c.U8 != nil:
		return c.U8
	case c.U16 != nil:
		return bytesOf(c.U16)
	default:
		return bytesOf(c.U32)
	}
}

// Rows is the number of rows.
func (t *table) Rows() int { return t.rows }

func (t *table) gone() bool { return t.released }

// Release frees the memory, when what was enqueued is done with it.
func (t *table) Release() {
	if !t.released && t.owner.release("Release of a table", t.memory) {
		t.released, t.memory, t.columns, t.rows = true, 0, 0, 0
	}
}
