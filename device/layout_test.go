package device_test

import (
	"fmt"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Each code lies in its mode, and codes beyond the last edge in the last.
func TestSpanMode(t *testing.T) {
	for _, edges := range [][]uint32{
		{0, 1}, {0, 2}, {0, 1, 2, 3}, {0, 1, 4, 5, 105, 65536}, {0, 1 << 16}, {1<<32 - 1<<16, 1<<32 - 7, 1<<32 - 1},
	} {
		t.Run(fmt.Sprint(edges), func(t *testing.T) {
			s := device.Span{Edges: edges}
			for code := edges[0]; code < edges[s.Modes()]; code++ {
				if mode := s.Mode(code); code < edges[mode] || code >= edges[mode+1] {
					t.Fatalf("Mode(%d) = %d, of codes [%d, %d)", code, mode, edges[mode], edges[mode+1])
				}
			}
			if mode := s.Mode(1<<32 - 1); mode != s.Modes()-1 {
				t.Errorf("Mode beyond the last edge = %d, want %d", mode, s.Modes()-1)
			}
		})
	}
}

func TestMatrixViews(t *testing.T) {
	m := device.NewMatrix(nil, 100, 10, 7)
	if got, want := m.Columns(2, 5).RowRange(4, 6), (device.Matrix{Offset: 130, Rows: 2, Cols: 3, Stride: 7}); got != want {
		t.Errorf("rows [4, 6) of columns [2, 5) are %+v, want %+v", got, want)
	}
}

func TestCodes(t *testing.T) {
	for _, c := range []device.Codes{{U8: []uint8{5, 255}}, {U16: []uint16{5, 255}}, {U32: []uint32{5, 255}}} {
		if c.Len() != 2 || c.At(0) != 5 || c.At(1) != 255 {
			t.Errorf("%+v: Len %d, codes %d and %d, want 2, 5 and 255", c, c.Len(), c.At(0), c.At(1))
		}
	}
}
