package gan

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/mixture"
)

// smallTruth is a mixture of a few atoms, each column of which prefers some cells.
func smallTruth(t *testing.T, atoms int, counts ...int) *mixture.Mixture {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 8))
	var p []float32
	for range atoms {
		for _, count := range counts {
			column, sum := make([]float64, count), 0.0
			for k := range column {
				column[k] = math.Pow(r.ExpFloat64(), 2)
				sum += column[k]
			}
			for _, x := range column {
				p = append(p, float32(x/sum))
			}
		}
	}
	m, err := mixture.New(p, counts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// measured are all pairs of truth's columns, as if of rows rows with noise.
func measured(truth *mixture.Mixture, rows, sigma float64, random *rand.Rand) *moments {
	counts := make([]int, truth.Columns())
	for j := range counts {
		counts[j] = truth.Cells(j)
	}
	layout := spansOf(counts...)
	exact, d := truth.Moments(), truth.Width()
	noisy := func(p float32) float64 { return float64(p)*rows + sigma*random.NormFloat64() }
	one, noise := make([][]float64, len(counts)), slices.Repeat([]float64{sigma}, d)
	var tables [][]int
	var filled [][]float64
	for a := range counts {
		from := layout.Spans[a].ModeStart()
		for x := range counts[a] {
			one[a] = append(one[a], noisy(exact[(from+x)*d+from+x]))
		}
		for b := range a {
			var table []float64
			for x := range counts[a] {
				for y := range counts[b] {
					table = append(table, noisy(exact[(from+x)*d+layout.Spans[b].ModeStart()+y]))
				}
			}
			tables, filled = append(tables, []int{a, b}), append(filled, table)
		}
	}
	return newMoments(layout, one, noise, tables, filled, rows, slices.Repeat([]float64{sigma}, len(tables)))
}

// headBiasOf are the logarithms of the 1-way tables.
func headBiasOf(m *moments) []float32 {
	bias := make([]float32, len(m.one))
	for k, p := range m.one {
		bias[k] = float32(math.Log(math.Max(p, 1e-4)))
	}
	return bias
}

// distances is the total variation distance of each pair of columns between two
// mixtures, on average.
func distances(a, b *mixture.Mixture) float64 {
	x, y, d := a.Moments(), b.Moments(), a.Width()
	sum, pairs, start := 0.0, 0, 0
	for j := range a.Columns() {
		other := 0
		for k := range j {
			for u := start; u < start+a.Cells(j); u++ {
				for v := other; v < other+a.Cells(k); v++ {
					sum += math.Abs(float64(x[u*d+v]-y[u*d+v])) / 2
				}
			}
			other += a.Cells(k)
			pairs++
		}
		start += a.Cells(j)
	}
	return sum / float64(pairs)
}

// A small mixture is found again from its tables: all but exactly if they are all
// but exact, and closer than the tables are if they are noisy.
func TestFitFindsASmallMixture(t *testing.T) {
	truth := smallTruth(t, 4, 3, 2, 4)
	columns := []Column{{Cells: dpsgd.Cells{Count: 3}}, {Cells: dpsgd.Cells{Count: 2}}, {Cells: dpsgd.Cells{Count: 4}}}
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	for _, c := range []struct{ sigma, most float64 }{
		{1, 0.005},    // of 10,000 rows
		{200, 0.06},   // tables of 6 … 12 cells, 0.02 each, are about 0.07 off
		{2000, 0.999}, // tables say nothing: still a mixture
	} {
		m := measured(truth, 10_000, c.sigma, rand.New(rand.NewPCG(2, 8)))
		plan := planFit(m)
		last := -1
		got, err := fit(context.Background(), dev, m, plan, headBiasOf(m), 3, func(step, steps int) {
			if step <= last || step >= steps || steps != plan.Steps {
				t.Errorf("progress %d of %d after %d", step, steps, last)
			}
			last = step
		})
		if err != nil {
			t.Fatal(err)
		}
		found, err := (&mixtureModel{Columns: columns, Atoms: plan.Atoms, tensors: got.tensors}).open(dev)
		if err != nil {
			t.Fatalf("noise %g: %v", c.sigma, err)
		}
		if tvd := distances(truth, found); !(tvd <= c.most) {
			t.Errorf("noise %g: pairs are off by %g on average, after %d of %d steps", c.sigma, tvd, got.steps, got.ran)
		} else {
			t.Logf("noise %g: off by %.4f, %d of %d steps", c.sigma, tvd, got.steps, got.ran)
		}
	}
}

// A table that says nothing teaches nothing: of columns that do not depend on each
// other, the fit stays with the single columns, however noisy their pairs are. Seeds
// are fixed; without shrinkage the mean is .05.
func TestFitOfIndependentColumnsIgnoresNoise(t *testing.T) {
	truth := smallTruth(t, 1, 6, 5, 6, 4)
	columns := make([]Column, truth.Columns())
	for j := range columns {
		columns[j].Count = truth.Cells(j)
	}
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	mean, fits := 0.0, 0.0
	for seed := range uint64(3) {
		for _, sigma := range []float64{100, 400} { // of 10,000 rows in 20 … 36 cells
			m := measured(truth, 10_000, sigma, rand.New(rand.NewPCG(seed, 8)))
			for k := range m.one { // single columns are known well
				m.one[k], m.oneNoise[k] = float64(truth.Moments()[k*truth.Width()+k]), m.oneNoise[k]/20
			}
			plan := planFit(m)
			got, err := fit(context.Background(), dev, m, plan, headBiasOf(m), 3, func(int, int) {})
			if err != nil {
				t.Fatal(err)
			}
			found, err := (&mixtureModel{Columns: columns, Atoms: plan.Atoms, tensors: got.tensors}).open(dev)
			if err != nil {
				t.Fatal(err)
			}
			mean, fits = mean+distances(truth, found), fits+1
		}
	}
	if mean /= fits; mean > 0.015 {
		t.Errorf("pairs are off by %.4f on average", mean)
	} else {
		t.Logf("pairs are off by %.4f on average", mean)
	}
}

// A fit ends where the half of the noise that it does not see stops gaining, which is
// soon; judged by the noise that it follows, it would go on, and end .03 farther off.
func TestFitStopsBeforeItFollowsTheNoise(t *testing.T) {
	truth := smallTruth(t, 4, 12, 10, 12, 8)
	columns := make([]Column, truth.Columns())
	for j := range columns {
		columns[j].Count = truth.Cells(j)
	}
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	for seed := range uint64(2) {
		m := measured(truth, 10_000, 60, rand.New(rand.NewPCG(seed, 8))) // in 80 … 144 cells
		plan := planFit(m)
		got, err := fit(context.Background(), dev, m, plan, headBiasOf(m), 3, func(int, int) {})
		if err != nil {
			t.Fatal(err)
		}
		found, err := (&mixtureModel{Columns: columns, Atoms: plan.Atoms, tensors: got.tensors}).open(dev)
		if err != nil {
			t.Fatal(err)
		}
		if tvd := distances(truth, found); tvd > 0.13 || got.ran > 400 {
			t.Errorf("seed %d: pairs are off by %.3f on average, after %d steps", seed, tvd, got.ran)
		}
	}
}

func TestFitIsInterrupted(t *testing.T) {
	dev := cpu.New(1)
	defer func() { _ = dev.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	m := measured(smallTruth(t, 2, 2, 2), 1000, 1, rand.New(rand.NewPCG(3, 8)))
	_, err := fit(ctx, dev, m, planFit(m), headBiasOf(m), 1, func(int, int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// White rows have mean 0, length 4, and axes that do not correlate, and a variance
// that grows with that of the cells.
func TestWhiteRows(t *testing.T) {
	m := smallTruth(t, 6, 3, 2, 4, 5)
	w, err := newWhitening(m)
	if err != nil {
		t.Fatal(err)
	}
	// One axis less for each column, whose cells sum to one.
	if w.Inputs != m.Width() || w.Outputs > m.Width()-m.Columns() || w.Outputs < 5 {
		t.Fatalf("%d axes of %d cells", w.Outputs, w.Inputs)
	}
	const n = 20_000
	rows := m.Sample(n, 4)
	mean, second := make([]float64, w.Outputs), make([]float64, w.Outputs*w.Outputs)
	white := make([]float64, w.Outputs)
	for i := range n {
		for k, b := range w.Bias {
			white[k] = float64(b)
		}
		start := 0
		for j, cell := range rows.Cells[i*m.Columns() : (i+1)*m.Columns()] {
			for k := range white {
				white[k] += float64(w.Weight[(start+int(cell))*w.Outputs+k])
			}
			start += m.Cells(j)
		}
		for a, x := range white {
			mean[a] += x / n
			for b, y := range white {
				second[a*w.Outputs+b] += x * y / n
			}
		}
	}
	length := 0.0
	for a := range w.Outputs {
		variance := second[a*w.Outputs+a]
		length += variance
		// 6 standard errors; heavy tails make those of products larger, by 2 at most.
		if math.Abs(mean[a]) > 6*math.Sqrt(variance/n) {
			t.Errorf("axis %d has the mean %g", a, mean[a])
		}
		for b := range a {
			if r := second[a*w.Outputs+b] / math.Sqrt(variance*second[b*w.Outputs+b]); math.Abs(r) > 12/math.Sqrt(n) {
				t.Errorf("axes %d and %d correlate by %g", a, b, r)
			}
		}
	}
	if want := 1.0 * whitenLength * whitenLength; math.Abs(length/want-1) > 0.05 {
		t.Errorf("squared length %g, want %g", length, want)
	}
}

// A mixture of rows that are all alike still has an axis, and finite weights.
func TestWhiteningOfAlikeRows(t *testing.T) {
	m, err := mixture.New([]float32{1, 0, 0, 1, 0}, []int{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWhitening(m)
	if err != nil || w.Outputs != 1 {
		t.Fatalf("%+v, %v", w, err)
	}
	for _, x := range slices.Concat(w.Weight, w.Bias) {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			t.Errorf("weights %v, bias %v", w.Weight, w.Bias)
		}
	}
	saved := Tensors{}
	w.slice(saved)
	if back, err := joinWhitening(saved); err != nil || back.Inputs != 5 || back.Outputs != 1 {
		t.Errorf("%+v, %v", back, err)
	}
	if _, err := joinWhitening(Tensors{}); err == nil {
		t.Error("no tensors make a whitening")
	}
}
