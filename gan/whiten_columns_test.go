package gan

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// Rows whose modes come by the shares are centred, of the length wanted, and their
// modes alike, however rare.
func TestWhitenColumns(t *testing.T) {
	layout := &device.Layout{Width: 8, Spans: []device.Span{
		{Column: 0, Start: 0, Offset: true, Edges: []uint32{0, 10, 20, 21}, Condition: -1},
		{Column: 1, Start: 4, Edges: []uint32{0, 1, 2, 3, 4}, Condition: -1}}}
	shares := [][]float64{{0.2, 0.3, 0.5}, {0.9, 0.05, 0.03, 0.02}}
	w, err := WhitenColumns(layout, shares)
	if err != nil || w.Inputs != 8 || w.Outputs != 8 {
		t.Fatalf("%+v, %v", w, err)
	}
	const n = 200_000
	random := rand.New(rand.NewPCG(1, 2))
	mean, length, square := make([]float64, 8), 0.0, make([]float64, 8)
	for range n {
		x := make([]float64, 8)
		x[0] = 2*random.Float64() - 1
		for j, p := range shares {
			mode, _ := drawWeighted(p, random)
			x[layout.Spans[j].ModeStart()+mode] = 1
		}
		for b := range mean {
			y := float64(w.Bias[b])
			for a, v := range x {
				y += v * float64(w.Weight[a*8+b])
			}
			mean[b] += y / n
			square[b] += y * y / n
			length += y * y / n
		}
	}
	if math.Abs(math.Sqrt(length)-whitenLength) > 0.05 {
		t.Errorf("length %g, want %d", math.Sqrt(length), whitenLength)
	}
	for b := range mean {
		if math.Abs(mean[b]) > 0.03 {
			t.Errorf("cell %d: mean %g, want 0", b, mean[b])
		}
		if ratio := square[b] / (length / 8); ratio < 0.5 || ratio > 2 {
			t.Errorf("cell %d: %g times the mean square of all", b, ratio)
		}
	}
	if w, err := WhitenColumns(&device.Layout{Width: widestWhite + 1}, nil); w != nil || err != nil {
		t.Errorf("a wide row: %v, %v", w, err)
	}
}
