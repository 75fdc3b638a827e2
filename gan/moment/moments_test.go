package moment

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/marginal"
)

// spansOf places columns of so many cells side by side.
func spansOf(counts ...int) *device.Layout {
	columns := make([]marginal.Binning, len(counts))
	for j, count := range counts {
		columns[j].Count = count
	}
	return marginal.Layout(columns)
}

// A pair of which the table is noise about independence is drawn there; one that
// depends stays.
func TestShrinkTowardsIndependence(t *testing.T) {
	const cells, rows, sigma = 8, 10_000.0, 40.0
	layout := spansOf(cells, cells)
	r := rand.New(rand.NewPCG(2, 7))
	one, oneNoise := make([][]float64, 2), make([]float64, 2*cells)
	for j := range one {
		one[j] = make([]float64, cells)
		for k := range one[j] {
			one[j][k], oneNoise[j*cells+k] = rows/cells, 1
		}
	}
	// distance to independence before and after, in L2.
	shrunk := func(counts []float64) (before, after float64) {
		m := newFrequencies(layout, one, oneNoise, [][]int{{0, 1}}, [][]float64{counts}, rows, []float64{sigma})
		distance := func() (sum float64) {
			for x := range cells {
				for y := range cells {
					d := m.two[0][x*2*cells+cells+y] - 1.0/cells/cells
					if m.two[0][x*2*cells+cells+y] != m.two[0][(cells+y)*2*cells+x] {
						t.Fatal("the table is not symmetric")
					}
					sum += d * d
				}
			}
			return math.Sqrt(sum)
		}
		before = distance()
		m.shrinkToIndependence()
		return before, distance()
	}
	noise, left := 0.0, 0.0
	for range 200 {
		counts := make([]float64, cells*cells)
		for k := range counts {
			counts[k] = rows/cells/cells + sigma*r.NormFloat64()
		}
		before, after := shrunk(counts)
		noise, left = noise+before, left+after
	}
	// Σr² is 64σ² on average, of which (8-1)² are taken: a quarter is left.
	if left > 0.35*noise {
		t.Errorf("of pure noise %.2f is left", left/noise)
	}
	counts := make([]float64, cells*cells)
	for k := range cells {
		counts[k*cells+k] = rows / cells
	}
	if before, after := shrunk(counts); after < 0.9*before {
		t.Errorf("of a pair that depends only %.2f is left", after/before)
	}
}

// Triples lay their counts out by slices of the target.
func TestMomentsOfTriples(t *testing.T) {
	layout := spansOf(2, 3, 2)
	counts := make([]float64, 12)
	for k := range counts {
		counts[k] = float64(k)
	}
	m := newFrequencies(layout, [][]float64{{1, 2}, {3, 4, 5}, {6, 7}}, make([]float64, 7), [][]int{{1, 0, 2}}, [][]float64{counts}, 2, []float64{1})
	if len(m.two) != 2 || m.targetCell[0] != 5 || m.targetCell[1] != 6 {
		t.Fatalf("slices %v of %d tables", m.targetCell, len(m.two))
	}
	for x := range 3 {
		for y := range 2 {
			for v := range 2 {
				want := float64((x*2+y)*2+v) / 2
				if got := m.two[v][(2+x)*7+y]; got != want || m.two[v][y*7+2+x] != want {
					t.Errorf("cells %d, %d, %d: %g, want %g", x, y, v, got, want)
				}
			}
		}
	}
}
