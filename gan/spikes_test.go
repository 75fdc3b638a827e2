package gan

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
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

// Isolating spikes keeps every bin's sum, gives each spike a bin of its own with
// its count, and taking them out leaves the original bins less their spikes.
func TestIsolateKeepsSums(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	for trial := range 200 {
		codes := uint32(20 + 10*r.IntN(20))
		edges := tenths(codes)
		counts := make([]float64, len(edges)-1)
		for b := range counts {
			counts[b] = 1000 + 100*r.Float64()
		}
		var found []spike
		less := slices.Clone(counts)
		for code := range codes { // one code of a bin at least is no spike, and takes the rest
			if r.IntN(4) == 0 && code%10 != 4 {
				s := spike{code, 10 + 50*r.Float64()}
				found = append(found, s)
				less[code/10] -= s.count
			}
		}
		c := Column{Cells: dpsgd.Cells{Edges: slices.Clone(edges)}}
		split := c.isolate(counts, found)
		if len(split) != len(c.Edges)-1 || c.Edges[0] != 0 || c.Edges[len(split)] != codes {
			t.Fatalf("trial %d: %d counts for the edges %v", trial, len(split), c.Edges)
		}
		sums := make([]float64, len(counts))
		for b, n := range split {
			if c.Edges[b] >= c.Edges[b+1] || c.Edges[b]/10 != (c.Edges[b+1]-1)/10 {
				t.Fatalf("trial %d: edges %v", trial, c.Edges)
			}
			sums[c.Edges[b]/10] += n
		}
		for b, n := range sums {
			if math.Abs(n-counts[b]) > 1e-9*counts[b] {
				t.Errorf("trial %d: bin %d sums to %g, not %g", trial, b, n, counts[b])
			}
		}
		for _, s := range found {
			at, alone := slices.BinarySearch(c.Edges, s.code)
			if !alone || c.Edges[at+1] != s.code+1 || split[at] != s.count {
				t.Errorf("trial %d: spike %v has no bin of its own", trial, s)
			}
		}
		for b, n := range c.withoutSpikes(edges, split, found) {
			if math.Abs(n-less[b]) > 1e-9*counts[b] {
				t.Errorf("trial %d: bin %d has %g without spikes, not %g", trial, b, n, less[b])
			}
		}
	}
}

// No spikes change nothing.
func TestIsolateNothing(t *testing.T) {
	c, counts := Column{Cells: dpsgd.Cells{Edges: tenths(40)}}, []float64{1, -2, 3, 4}
	if got := c.isolate(counts, nil); !slices.Equal(got, counts) || !slices.Equal(c.Edges, tenths(40)) {
		t.Errorf("counts %v over %v", got, c.Edges)
	}
	if got := c.withoutSpikes(tenths(40), counts, nil); !slices.Equal(got, counts) {
		t.Errorf("counts %v without spikes", got)
	}
}
