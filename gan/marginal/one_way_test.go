package marginal

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/tabular"
)

// Two measurements of a cell are better than either, and as good as is claimed.
func TestCombineHasTheNoiseItClaims(t *testing.T) {
	const truth, trials = 1000.0, 4000
	r := rand.New(rand.NewPCG(1, 2))
	for _, sigmas := range [][2]float64{{30, 30}, {100, 20}, {5, 80}} {
		squares, claimed := 0.0, 0.0
		for range trials {
			c := Binning{Noise: []float64{sigmas[0]}}
			masses := []float64{truth + sigmas[0]*r.NormFloat64()}
			c.combine(masses, []float64{truth + sigmas[1]*r.NormFloat64()}, sigmas[1])
			squares += (masses[0] - truth) * (masses[0] - truth)
			claimed = c.Noise[0]
		}
		if got := math.Sqrt(squares / trials); math.Abs(got/claimed-1) > 0.05 || claimed >= math.Min(sigmas[0], sigmas[1]) {
			t.Errorf("noise %v: %g together, claimed %g", sigmas, got, claimed)
		}
	}
}

// Public shares move the cells of a number and the bins in them, and leave a
// distribution, also where noise brought a cell below zero.
func TestLeanTowardsPublicShares(t *testing.T) {
	c := Binning{Cells: dpsgd.Cells{Edges: []uint32{0, 5, 10, 15, 20}, Index: []uint32{0, 0, 1, 1}, Count: 2},
		Within: []float64{0.5, 0.5, 0.5, 0.5}, Noise: []float64{20, 20}}
	for _, masses := range [][]float64{{500, 500}, {1010, -10}} {
		column := c
		column.Within = append([]float64(nil), c.Within...)
		// A fifth lies in the first bin and nothing in the second; the rest is open.
		public := &tabular.Marginal{Groups: []tabular.CodeSet{{{From: 0, To: 5}}, {{From: 5, To: 10}}, {{From: 10, To: 20}}},
			Shares: []float64{0.2, 0, 0.8}, Confidence: 1e9}
		column.blendPublic(masses, 1000, public)
		column.setShares(masses, 1000)
		if math.Abs(column.Shares[0]-0.2) > 0.01 || math.Abs(column.Shares[1]-0.8) > 0.01 {
			t.Errorf("shares %v, want .2 and .8", column.Shares)
		}
		if math.Abs(column.Within[0]-1) > 0.02 || math.Abs(column.Within[0]+column.Within[1]-1) > 1e-9 || math.Abs(column.Within[2]+column.Within[3]-1) > 1e-9 {
			t.Errorf("within %v, want 1, 0 and two halves", column.Within)
		}
	}
}

// A number with more bins than intervals gets a fine table, and a smaller one is
// counted once; what both rounds release is what the stages say.
func TestNumbersAreCutByFineTables(t *testing.T) {
	codec := firstColumns(t, 3)
	s, _, err := planned(t, codec, privacyOf(3, modes[ModeMarginals]), nil, -1, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range s.Measured {
		fine := false
		for _, cut := range s.Cut {
			fine = fine || cut == j
		}
		if want := !codec.Listed(j) && len(codec.FineEdges(j))-1 > s.Intervals; fine != want {
			t.Errorf("column %d of %d bins for %d intervals: a fine table %v, want %v", j, len(codec.FineEdges(j))-1, s.Intervals, fine, want)
		}
	}
	if r := s.Releases; len(s.Cut) == 0 || s.of(Cuts).Count != len(s.Cut)+len(s.Spiky) || s.of(OneWay).Count != len(s.Measured) ||
		math.Abs(s.of(Cuts).Share+s.of(OneWay).Share+s.of(JointTables).Share-1) > 1e-9 {
		t.Errorf("cut %v, spiky %v, releases %+v", s.Cut, s.Spiky, r)
	}
	if len(s.Releases.Events()) != 3 {
		t.Errorf("%d events, want fine tables, 1-way tables, joint tables", len(s.Releases.Events()))
	}
}
