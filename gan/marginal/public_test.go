package marginal

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// The blend goes from the table to what is public as the noise or the confidence
// grows, and lies in the middle where both are as sure.
func TestBlend(t *testing.T) {
	noisy, public := []float64{.6, .4}, []float64{.5, .5}
	one := []int{1, 1}
	for _, tt := range []struct {
		noise, rows, confidence, want float64
	}{
		{0, 1000, 1000, .55},
		{0, 1e9, 1, .6},
		{0, 1, 1e9, .5},
		{1e9, 1000, 1, .5},
		{math.Sqrt(250), 1000, 500, .55}, // twice the variance of 1000 rows, as 500 have
	} {
		got := blend(noisy, public, one, tt.noise, tt.rows, tt.confidence)
		if math.Abs(got[0]-tt.want) > 1e-4 || math.Abs(got[0]+got[1]-1) > 1e-12 {
			t.Errorf("noise %g, rows %g, confidence %g: %v, want %g", tt.noise, tt.rows, tt.confidence, got, tt.want)
		}
	}
	if got := blend([]float64{-.1, 1.1}, []float64{0, 1}, one, 10, 1000, 1000); got[0] < 0 || math.IsNaN(got[0]) || math.Abs(got[0]+got[1]-1) > 1e-12 {
		t.Errorf("shares of 0 and 1: %v", got)
	}
}

func TestWithPublic(t *testing.T) {
	codec, _ := tabulartest.Small(t)
	rules, err := codec.CompileRules([]tabular.Rule{{Marginal: "age", Shares: tabular.Shares{{Name: "0..29", Share: .5}}, Confidence: 1e12}})
	if err != nil {
		t.Fatal(err)
	}
	m := rules.Marginals()[0]
	// The second bin has 10 of its 40 codes in the group.
	edges, counts := []uint32{0, 20, 60, 100}, []float64{100, 200, 300}
	got := withPublic(counts, edges, 5, 600, &m)
	// The group has 100 + 50 of 600 rows and is to have 300; the rest 150 + 300.
	for b, want := range []float64{100 + 100, 200 + 50 - 50, 300 - 100} {
		if math.Abs(got[b]-want) > 1e-3 {
			t.Errorf("bin %d: %v, want %v", b, got[b], want)
		}
	}
	m.Confidence = 1e-9
	for b, n := range withPublic(counts, edges, 5, 600, &m) {
		if math.Abs(n-counts[b]) > 1e-3 {
			t.Errorf("without confidence bin %d changed from %v to %v", b, counts[b], n)
		}
	}
	// A group whose noisy count is not above 0 takes its share evenly.
	m.Confidence = 1e12
	if got := withPublic([]float64{-3, -1, 604}, edges, 5, 600, &m); got[0] < 100 || math.Abs(got[0]+got[1]+got[2]-600) > 1e-6 {
		t.Errorf("%v, want about 300 rows below 30", got)
	}
}
