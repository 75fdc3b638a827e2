package cpu

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

// table refers to the caller's columns: memory is memory on this device.
type table struct {
	owner   *Device
	columns []device.Codes
	rows    int
	limits  []int // of the columns' codes
}

// NewTable keeps columns, which must not change until Release.
func (d *Device) NewTable(columns []device.Codes) (device.Table, error) {
	if d.err != nil {
		return nil, d.err
	}
	t := &table{owner: d, columns: columns, limits: make([]int, len(columns))}
	for i, c := range columns {
		if i == 0 {
			t.rows = c.Len()
		}
		if c.Len() != t.rows {
			return nil, fmt.Errorf("cpu: NewTable: column %d has %d rows: must have %d, as the first", i, c.Len(), t.rows)
		}
		if (c.U8 != nil && c.U16 != nil) || (c.U8 != nil && c.U32 != nil) || (c.U16 != nil && c.U32 != nil) {
			return nil, fmt.Errorf("cpu: NewTable: column %d has codes of two widths: set one field", i)
		}
		t.limits[i] = c.Limit()
	}
	return t, nil
}

// Rows is the number of rows.
func (t *table) Rows() int { return t.rows }

// Release lets go of the columns.
func (t *table) Release() { t.columns, t.limits, t.rows = nil, nil, 0 }
