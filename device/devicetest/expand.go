package devicetest

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
)

func testExpandCodes(f *fixture) {
	for _, l := range layouts() {
		for _, size := range []struct{ rows, places, count int }{{1, 1, 1}, {7, 9, 5}, {300, 257, 257}, {20, 70, 0}, {20, 33, 40}} {
			f.sub(fmt.Sprintf("%s/%d of %d", l.name, size.count, size.places), func(f *fixture) {
				columns := f.columns(l.layout, size.rows)
				table, err := f.d.NewTable(columns)
				if err != nil {
					f.Fatal(err)
				}
				defer table.Release()
				if table.Rows() != size.rows {
					f.Errorf("table has %d rows, want %d", table.Rows(), size.rows)
				}
				index := make([]uint32, size.places)
				for i := range index {
					index[i] = f.random.Uint32N(uint32(size.rows))
				}
				dst := f.hole(size.places, l.layout.Width)
				f.d.ExpandCodes(dst, table, l.layout, f.words(index...), f.words(uint32(size.count)))
				near(f.T, "dst", f.get(dst), expand(l.layout, columns, index, size.count), exact)
			})
		}
	}
}

// expand is one cell per mode, as the contract has it.
func expand(layout *device.Layout, columns []device.Codes, index []uint32, count int) values {
	rows := constant(len(index), layout.Width, 0)
	for i := range rows[:min(count, len(rows))] {
		for k := range layout.Spans {
			s := &layout.Spans[k]
			code := columns[s.Column].At(int(index[i]))
			for m := range s.Modes() {
				if code >= s.Edges[m] && code < s.Edges[m+1] {
					rows[i][s.Start+m] = 1
				}
			}
		}
	}
	return rows
}
