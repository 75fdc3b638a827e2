package device_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Each code comes back from its mode and position, up to modes of 2²¹ codes;
// beyond that the float32 of the position is too coarse.
func TestSpanRoundTrip(t *testing.T) {
	for _, edges := range [][]uint32{
		{0, 1}, {0, 2}, {0, 1, 2, 3}, {0, 1, 4, 5, 105, 65536}, {0, 1 << 16}, {0, 7, 7 + 1<<21}, {1<<32 - 1<<21 - 1, 1<<32 - 1},
	} {
		t.Run(fmt.Sprint(edges), func(t *testing.T) {
			s := device.Span{Offset: true, Edges: edges}
			for code := edges[0]; code < edges[s.Modes()]; code++ {
				mode := s.Mode(code)
				if code < edges[mode] || code >= edges[mode+1] {
					t.Fatalf("Mode(%d) = %d, of codes [%d, %d)", code, mode, edges[mode], edges[mode+1])
				}
				position := s.Position(code, mode)
				if !(position >= -1 && position <= 1) {
					t.Fatalf("Position(%d) = %v, want within [-1, 1]", code, position)
				}
				if back := s.Code(mode, position); back != code {
					t.Fatalf("code %d at mode %d, position %v comes back as %d", code, mode, position, back)
				}
			}
		})
	}
}

// Whatever a network puts out, the code lies in the mode.
func TestSpanCodeStaysInMode(t *testing.T) {
	s := device.Span{Offset: true, Edges: []uint32{0, 1, 11, 1 << 31}}
	for mode := range s.Modes() {
		for _, position := range []float32{-1e30, -1, -0.999, 0, 0.999, 1, 1e30} {
			if code := s.Code(mode, position); s.Mode(code) != mode {
				t.Errorf("Code(%d, %v) = %d, which is of mode %d", mode, position, code, s.Mode(code))
			}
		}
	}
	if mode := s.Mode(1<<32 - 1); mode != 2 {
		t.Errorf("Mode beyond the last edge = %d, want 2", mode)
	}
}

func TestLayoutConditioned(t *testing.T) {
	l := device.Layout{Spans: []device.Span{{Condition: 3}, {Condition: -1}, {Condition: 0}}}
	if got := l.Conditioned(); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("Conditioned() = %v, want [0 2]", got)
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
