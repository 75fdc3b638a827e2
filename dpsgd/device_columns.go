package dpsgd

import "github.com/dpgan/dpgan/device"

// deviceColumns are the columns that a step's device gets, with cells for codes if
// there are any. A gate without rows, whose number may be private, gets one row of
// zeros: no batch draws it, but a device need not hold empty tables.
func (g *Gate) deviceColumns(cells []Cells) []device.Codes {
	if g.rows == 0 {
		columns := make([]device.Codes, len(g.columns))
		for j := range columns {
			columns[j].U8 = []uint8{0}
		}
		return columns
	}
	if cells != nil {
		return g.cellColumns(cells)
	}
	return g.columns
}
