package learn

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// sample draws rows with two categories a and b and a number x that is missing
// now and then; signal is what a target may depend on.
func sample(rows int, seed uint64) (cells Cells, features []Feature, signal []float64) {
	random := rand.New(rand.NewPCG(seed, 1))
	a, b, bins := make([]uint32, rows), make([]uint32, rows), make([]uint32, rows)
	x := make([]float64, rows)
	for i := range x {
		a[i], b[i] = uint32(random.IntN(6)), uint32(random.IntN(3))
		v := random.Float64()
		x[i], bins[i] = v, uint32(v*10)
		effect := 4 * (v - .5)
		if random.IntN(10) == 0 {
			x[i], bins[i] = math.NaN(), 10
			effect = 2
		}
		signal = append(signal, effect+[]float64{-1, 1, 0, 2, -2, 0}[a[i]]+float64(b[i]))
	}
	return Cells{Sizes: []int{6, 3, 11}, Codes: [][]uint32{a, b, bins}},
		[]Feature{{Levels: 6, Codes: a}, {Levels: 3, Codes: b}, {Values: x}}, signal
}

// classify draws classes whose odds follow the signal.
func classify(signal []float64, classes int, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 2))
	out := make([]float64, len(signal))
	for i, s := range signal {
		z := make([]float64, classes)
		for k := range z {
			z[k] = s * float64(k) * 2 / float64(classes)
		}
		softmax(z)
		u, k := random.Float64(), 0
		for k < classes-1 && u > z[k] {
			u -= z[k]
			k++
		}
		out[i] = float64(k)
	}
	return out
}

// TestLearnersReachTheSignal compares both learners with the AUC of the very
// signal that made the target, which nothing can beat by more than noise.
func TestLearnersReachTheSignal(t *testing.T) {
	cells, features, signal := sample(8000, 1)
	testCells, testFeatures, testSignal := sample(8000, 2)
	y, truth := classify(signal, 2, 1), classify(testSignal, 2, 2)
	best := MacroAUC([][]float64{testSignal, testSignal}, truth)
	linear, err := FitLinear(t.Context(), cells, Target{2, y})
	if err != nil {
		t.Fatal(err)
	}
	trees, err := FitTrees(t.Context(), features, Target{2, y})
	if err != nil {
		t.Fatal(err)
	}
	p, err := linear.Predict(testCells)
	if err != nil {
		t.Fatal(err)
	}
	if got := MacroAUC(p, truth); got < best-.006 {
		t.Errorf("linear: AUC %.4f, the signal has %.4f", got, best)
	}
	if p, err = trees.Predict(testFeatures); err != nil {
		t.Fatal(err)
	}
	if got := MacroAUC(p, truth); got < best-.02 {
		t.Errorf("trees: AUC %.4f, the signal has %.4f", got, best)
	}
	for i := range p[0] {
		if math.Abs(p[0][i]+p[1][i]-1) > 1e-9 {
			t.Fatalf("row %d: probabilities sum to %v", i, p[0][i]+p[1][i])
		}
	}
}

func TestLearnersOfSeveralClassesAndNumbers(t *testing.T) {
	cells, features, signal := sample(6000, 3)
	testCells, testFeatures, testSignal := sample(6000, 4)
	for _, c := range []struct {
		name     string
		classes  int
		y, truth []float64
		least    float64
	}{
		{"four classes", 4, classify(signal, 4, 3), classify(testSignal, 4, 4), .70},
		// A unit far from 1 must not matter.
		{"number", 0, scaled(signal, 1e6), scaled(testSignal, 1e6), .97},
		{"small number", 0, scaled(signal, 1e-6), scaled(testSignal, 1e-6), .97},
	} {
		linear, err := FitLinear(t.Context(), cells, Target{c.classes, c.y})
		if err != nil {
			t.Fatal(err)
		}
		p, err := linear.Predict(testCells)
		if err != nil {
			t.Fatal(err)
		}
		q, err := predictTrees(t.Context(), features, testFeatures, Target{c.classes, c.y})
		if err != nil {
			t.Fatal(err)
		}
		for name, p := range map[string][][]float64{"linear": p, "trees": q} {
			got := 0.0
			if c.classes == 0 {
				got = R2(p[0], c.truth, nil)
			} else {
				got = MacroAUC(p, c.truth)
			}
			if got < c.least {
				t.Errorf("%s, %s: %.4f, want at least %.2f", c.name, name, got, c.least)
			}
		}
	}
}

func scaled(values []float64, by float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v*by + 3*by
	}
	return out
}

func predictTrees(ctx context.Context, from, to []Feature, y Target) ([][]float64, error) {
	m, err := FitTrees(ctx, from, y)
	if err != nil {
		return nil, err
	}
	return m.Predict(to)
}

// TestLinearIsAtTheOptimum checks the condition of the minimum on one column:
// ridge·w_k = Σ_{i in cell k} (y_i − p_k).
func TestLinearIsAtTheOptimum(t *testing.T) {
	codes, y := make([]uint32, 3000), make([]float64, 3000)
	hits, counts := make([]float64, 3), make([]float64, 3)
	for i := range codes {
		codes[i] = uint32(i % 3)
		if i%7 < int(codes[i])+2 {
			y[i] = 1
		}
		hits[codes[i]] += y[i]
		counts[codes[i]]++
	}
	m, err := FitLinear(t.Context(), Cells{[]int{3}, [][]uint32{codes}}, Target{2, y})
	if err != nil {
		t.Fatal(err)
	}
	for k := range counts {
		w := m.weights[1+k]
		slope := ridge*w + counts[k]*sigmoid(m.weights[0]+w) - hits[k]
		if math.Abs(slope)/3000 > 1e-4 {
			t.Errorf("cell %d: slope %v, want 0", k, slope)
		}
	}
}

// TestSameOnAnyNumberOfCores wants equal bits from one core and from several.
func TestSameOnAnyNumberOfCores(t *testing.T) {
	cells, features, signal := sample(5000, 5)
	y := Target{3, classify(signal, 3, 5)}
	fit := func(cores int) (a, b [][]float64) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		m, err := FitLinear(t.Context(), cells, y)
		if err != nil {
			t.Fatal(err)
		}
		if a, err = m.Predict(cells); err != nil {
			t.Fatal(err)
		}
		if b, err = predictTrees(t.Context(), features, features, y); err != nil {
			t.Fatal(err)
		}
		return a, b
	}
	a, b := fit(1)
	c, d := fit(4)
	for k := range a {
		if !slices.Equal(a[k], c[k]) || !slices.Equal(b[k], d[k]) {
			t.Fatalf("class %d: predictions differ between 1 and 4 cores", k)
		}
	}
}

func TestRefusals(t *testing.T) {
	cells, features, _ := sample(10, 9)
	constant := Target{2, make([]float64, 10)}
	if _, err := FitLinear(t.Context(), cells, constant); !errors.Is(err, ErrOneClass) {
		t.Errorf("linear, one class: %v", err)
	}
	if _, err := FitTrees(t.Context(), features, constant); !errors.Is(err, ErrOneClass) {
		t.Errorf("trees, one class: %v", err)
	}
	for name, y := range map[string]Target{
		"short":     {2, make([]float64, 9)},
		"class":     {2, []float64{0, 1, 2, 0, 0, 0, 0, 0, 0, 0}},
		"fraction":  {2, []float64{0, 1, .5, 0, 0, 0, 0, 0, 0, 0}},
		"NaN":       {0, []float64{math.NaN(), 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		"one class": {1, make([]float64, 10)},
	} {
		if _, err := FitTrees(t.Context(), features, y); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	bad := Cells{[]int{6, 3, 5}, cells.Codes}
	if _, err := FitLinear(t.Context(), bad, Target{0, make([]float64, 10)}); err == nil {
		t.Error("a cell out of range was accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	y := Target{0, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}
	if _, err := FitTrees(ctx, features, y); !errors.Is(err, context.Canceled) {
		t.Errorf("trees, cancelled: %v", err)
	}
	if _, err := FitLinear(ctx, cells, y); !errors.Is(err, context.Canceled) {
		t.Errorf("linear, cancelled: %v", err)
	}
}
