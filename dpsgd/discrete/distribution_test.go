package discrete

import (
	"math"
	"math/rand/v2"
	"testing"
)

func filled(t *testing.T, sigma float64, n int, seed byte) []int64 {
	t.Helper()
	draws := make([]int64, n)
	if err := rounded(t, sigma).Fill(draws, seeded(seed)); err != nil {
		t.Fatal(err)
	}
	return draws
}

func TestRoundedGaussianFollowsItsLaw(t *testing.T) {
	for i, tt := range []struct {
		sigma float64
		n     int
	}{{1e-3, 1000}, {0.1, 100_000}, {0.3, 400_000}, {1, 400_000}, {2.5, 2_000_000}, {17.3, 400_000}, {400, 400_000},
		{1e4, 3000}, {1e6, 3000}, {1 << 40, 3000}} {
		for _, f := range findings(roundedLaw(tt.sigma), filled(t, tt.sigma, tt.n, byte(i))) {
			t.Errorf("σ=%g: %s", tt.sigma, f)
		}
	}
}

// Biases that a sampler may have are found, each by the tests made for it: what passes
// them is no accident.
func TestPlantedBiasesAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	change := func(f func(x int64) int64) func([]int64) {
		return func(draws []int64) {
			for i, x := range draws {
				draws[i] = f(x)
			}
		}
	}
	for name, tt := range map[string]struct {
		sigma float64 // of the draws
		spoil func([]int64)
	}{
		"zero counted once for each sign": {2.5, func(draws []int64) {
			again := filled(t, 2.5, len(draws), 77)
			for i, x := range draws { // keeps 0 twice as often as it should be
				if x != 0 && again[i] == 0 {
					draws[i] = 0
				}
			}
		}},
		"a tail that ends at 4σ": {2.5, change(func(x int64) int64 { return min(max(x, -10), 10) })},
		"more + than -": {2.5, change(func(x int64) int64 {
			if x < 0 && random.IntN(50) == 0 {
				return -x
			}
			return x
		})},
		"σ a hundredth too small": {2.475, func([]int64) {}},
		"σ a hundredth too large": {2.525, func([]int64) {}},
		"rounded towards 0":       {2.5, change(func(x int64) int64 { return x - int64(math.Copysign(float64(random.IntN(2)), float64(x))) })},
		"a value that is left out": {2.5, change(func(x int64) int64 {
			if x == 7 {
				return 6
			}
			return x
		})},
		"even numbers more often": {2.5, change(func(x int64) int64 {
			if x&1 == 1 && random.IntN(40) == 0 {
				return x + 1 - 2*random.Int64N(2)
			}
			return x
		})},
	} {
		n := 400_000
		if name == "a tail that ends at 4σ" {
			n = 2_000_000 // of which 53 lie beyond
		}
		draws := filled(t, tt.sigma, n, 50)
		tt.spoil(draws)
		found := findings(roundedLaw(2.5), draws)
		if len(found) == 0 {
			t.Errorf("%s: not found", name)
		}
		t.Logf("%s: %d findings", name, len(found))
	}
}
