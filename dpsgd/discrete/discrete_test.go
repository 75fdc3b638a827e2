package discrete

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

func seeded(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// chiSquare compares draws with the exact probabilities weight(x)/Σ weight, in
// cells of at least 20 expected draws, and fails beyond 5 standard deviations
// of the χ² distribution: a false alarm about once in a million.
func chiSquare(t *testing.T, name string, draws []int64, weight func(x float64) float64, reach int64) {
	t.Helper()
	total := 0.0
	for x := -reach; x <= reach; x++ {
		total += weight(float64(x))
	}
	counts := map[int64]float64{}
	for _, x := range draws {
		counts[x]++
	}
	statistic, cells, observed, expected := 0.0, 0.0, 0.0, 0.0
	for x := -reach; x <= reach; x++ {
		observed += counts[x]
		expected += weight(float64(x)) / total * float64(len(draws))
		if expected >= 20 || x == reach {
			statistic += (observed - expected) * (observed - expected) / math.Max(expected, 1)
			cells++
			observed, expected = 0, 0
		}
	}
	if z := (statistic - (cells - 1)) / math.Sqrt(2*math.Max(cells-1, 1)); z > 5 {
		t.Errorf("%s: χ² = %.1f over %g cells, %.1f standard deviations too large", name, statistic, cells, z)
	}
}

func TestGaussianFollowsItsDistribution(t *testing.T) {
	for i, sigma := range []float64{0.3, 1, 2.5, 17.3, 400} {
		source := seeded(byte(i))
		draws := make([]int64, 20_000)
		squares := 0.0
		for k := range draws {
			x, err := Gaussian(source, sigma)
			if err != nil {
				t.Fatal(err)
			}
			draws[k] = x
			squares += float64(x) * float64(x)
		}
		chiSquare(t, "gaussian", draws, func(x float64) float64 { return math.Exp(-x * x / (2 * sigma * sigma)) }, int64(12*sigma)+5)
		if sigma >= 1 { // there the variance is σ² to within 1e-7
			if got := squares / float64(len(draws)) / (sigma * sigma); math.Abs(got-1) > 5*math.Sqrt(2/float64(len(draws))) {
				t.Errorf("sigma %g: variance is %g of σ²", sigma, got)
			}
		}
	}
}

func TestLaplaceFollowsItsDistribution(t *testing.T) {
	for i, scale := range []int64{1, 3, 50} {
		source := seeded(byte(100 + i))
		draws := make([]int64, 20_000)
		for k := range draws {
			x, err := Laplace(source, scale)
			if err != nil {
				t.Fatal(err)
			}
			draws[k] = x
		}
		chiSquare(t, "laplace", draws, func(x float64) float64 { return math.Exp(-math.Abs(x) / float64(scale)) }, 40*scale)
	}
}

func TestRefusals(t *testing.T) {
	for _, sigma := range []float64{0, -1, math.NaN(), math.Inf(1), 1 << 41} {
		if _, err := Gaussian(seeded(1), sigma); err == nil {
			t.Errorf("sigma %v was taken", sigma)
		}
	}
	if _, err := Laplace(seeded(1), 0); err == nil {
		t.Error("scale 0 was taken")
	}
}

// A source that fails gives an error, never a draw without noise.
func TestSourceErrors(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Gaussian(iotest.ErrReader(broken), 3); !errors.Is(err, broken) {
		t.Errorf("gaussian: %v", err)
	}
	if _, err := Laplace(iotest.ErrReader(broken), 3); !errors.Is(err, broken) {
		t.Errorf("laplace: %v", err)
	}
	if _, err := Gaussian(io.LimitReader(seeded(1), 1), 3); err == nil {
		t.Error("a source of one byte was enough")
	}
}

func BenchmarkGaussian(b *testing.B) {
	source := seeded(1)
	for b.Loop() {
		if _, err := Gaussian(source, 100); err != nil {
			b.Fatal(err)
		}
	}
}
