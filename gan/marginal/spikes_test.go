package marginal

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// tenths are edges of bins of ten codes.
func tenths(codes uint32) []uint32 {
	edges := []uint32{0}
	for edges[len(edges)-1] < codes {
		edges = append(edges, min(codes, edges[len(edges)-1]+10))
	}
	return edges
}

// A planted spike is found, and only where it has no bin of its own.
func TestFindSpikesFindsThePlanted(t *testing.T) {
	const codes, sigma = 1000, 20.0
	r := rand.New(rand.NewPCG(1, 4))
	edges := tenths(codes)
	own := []uint32{0, 10, 11, 20}
	for trial := range 100 {
		counts := make([]float64, codes)
		for k := range counts {
			counts[k] = sigma * r.NormFloat64()
		}
		planted := uint32(20 + r.IntN(codes-20))
		counts[planted] += 20 * sigma
		found := findSpikes(edges, counts, sigma)
		if !slices.Contains(found, spike{planted, counts[planted]}) || len(found) > 3 {
			t.Errorf("trial %d: planted %d, found %v", trial, planted, found)
		}
	}
	for _, s := range findSpikes(own, slices.Repeat([]float64{1e6}, 20), sigma) {
		if s.code == 10 {
			t.Error("a value with a bin of its own became a spike")
		}
	}
}

// In pure noise a column has falseSpikes spikes on average.
func TestFalseSpikes(t *testing.T) {
	const seeds, codes, sigma = 4000, 300, 5.0
	edges, sum := tenths(codes), 0.0
	counts := make([]float64, codes)
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 5))
		for k := range counts {
			counts[k] = sigma * r.NormFloat64()
		}
		sum += float64(len(findSpikes(edges, counts, sigma)))
	}
	want := falseSpikes * seeds
	if math.Abs(sum-want) > 5*math.Sqrt(want) { // Poisson, 5 standard deviations
		t.Errorf("%g false spikes in %d columns, want about %g", sum, seeds, want)
	}
}
