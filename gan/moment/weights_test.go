package moment

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/gantest"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

// Each step and each bought table is fitted to or held out, whole: what both means know
// is together what is known, and of many steps a twelfth judges.
func TestStepsAndTablesAreFittedOrHeldOut(t *testing.T) {
	if sum := share(nets.Fitted) + share(nets.HeldOut); math.Abs(sum-1) > 1e-15 {
		t.Errorf("shares of a bought table are %g together", sum)
	}
	const rows, sigma = 500.0, 20.0
	m := gantest.Even(false, 3, 4, 5)
	gantest.AddTable(m, m.Looked[1], make([]float64, 15), sigma)
	step := dpsgd.StepConfig{BatchSize: 100, SampleRate: 0.2, MaxGradNorm: 0.5, NoiseMultiplier: 2}
	for planned := 1; planned < 60; planned++ {
		w := NewWeights(m, step, rows, planned)
		if w.bought[0] != 0 || w.bought[2] != 0 || math.Abs(w.bought[1]*sigma*sigma/rows/rows-1) > 1e-12 {
			t.Fatalf("bought precision %v of a table with noise %g of %g rows", w.bought, sigma, rows)
		}
		held := 0
		for n := 0; n <= planned; n++ {
			if n > 0 && IsHeldOut(n, planned) {
				held++
			}
			if heldOutSteps(n, planned) != held {
				t.Fatalf("%d of the first %d of %d steps are held out, and %d are counted", held, n, planned, heldOutSteps(n, planned))
			}
			for table, bought := range w.bought {
				one, other := w.precision(nets.Fitted, table, n), w.precision(nets.HeldOut, table, n)
				if want := bought + float64(n)*w.step[table]; math.Abs(one+other-want) > 1e-9*want {
					t.Fatalf("after %d of %d steps table %d is known to %g and %g, want %g together", n, planned, table, one, other, want)
				}
			}
			// Two tables were not bought: they are known once a step was taken.
			if known := w.Known(nets.HeldOut, n); known != (held > 0) {
				t.Fatalf("after %d of %d steps, %d held out, the judge knows all tables: %v", n, planned, held, known)
			}
			if known := w.Known(nets.Fitted, n); known != (n > held) {
				t.Fatalf("after %d of %d steps, %d held out, there is something to fit to: %v", n, planned, held, known)
			}
		}
		switch {
		case planned == 1 && held != 0, planned > 1 && (held == 0 || held == planned):
			t.Errorf("%d of %d steps are held out", held, planned)
		case planned > 12 && math.Abs(float64(held)-float64(planned)/heldOutEvery) > 1:
			t.Errorf("%d of %d steps are held out, want a twelfth", held, planned)
		}
	}
}

// A step's precision is that of a record's gradient in the noise: of frequencies, the
// noise of the sum over that gradient and the batch.
func TestPrecisionOfAStep(t *testing.T) {
	for _, norm := range []float64{1e-3, 1, 50} {
		step := dpsgd.StepConfig{BatchSize: 40, SampleRate: 0.1, MaxGradNorm: norm, NoiseMultiplier: 1.5}
		w := NewWeights(gantest.Even(true, 3, 2, 2), step, 400, 10)
		// There is one table, so a record's gradient is max_grad_norm at one weight.
		sigma := 1.5 / 40
		if got := w.step[0] * sigma * sigma; len(w.step) != 1 || math.Abs(got-1) > 1e-6 {
			t.Errorf("max_grad_norm=%g: precision %v, of what it should be %g", norm, w.step, got)
		}
	}
}

// correlation of two samples with mean zero, and their variances.
func correlation(x, y []float64) (r, xx, yy float64) {
	xy, n := 0.0, float64(len(x))
	for i := range x {
		xy += x[i] * y[i]
		xx += x[i] * x[i]
		yy += y[i] * y[i]
	}
	return xy / math.Sqrt(xx*yy), xx / n, yy / n
}

// Over draws of the noise of tables and of the split, what is fitted to and what
// judges do not correlate, and are known as well as is claimed. 5 standard errors of
// six numbers: a false alarm in 3e5 seeds.
func TestFissionSplitsNoiseInIndependentHalves(t *testing.T) {
	const rows, sigma, oneSigma, draws = 1000.0, 9.0, 6.0, 20_000
	truth := []float64{100, 200, 300, 400}
	r := rand.New(rand.NewPCG(1, 7))
	halves := map[string]*[nets.Means]struct {
		off     []float64
		claimed float64
	}{"pairs": {}, "single columns": {}}
	for seed := range uint64(draws) {
		m := gantest.Even(false, 2, 2)
		gantest.AddNoisy(m, m.Looked[0], truth, sigma, r)
		m.Columns[0].Shares = []float64{0.4 + oneSigma*r.NormFloat64()/rows, 0.6}
		m.Columns[0].Noise = []float64{oneSigma, oneSigma}
		w := NewWeights(m, dpsgd.StepConfig{}, rows, 0)
		a := NewObjective(m, w, seed)
		for k := range nets.Means {
			pairs, singles := &halves["pairs"][k], &halves["single columns"][k]
			pairs.off, pairs.claimed = append(pairs.off, float64(w.Initial(k, seed)[2])-truth[2]/rows), 1/w.precision(k, 0, 0)
			singles.off, singles.claimed = append(singles.off, a.one[k][0][0]/rows-0.4), oneSigma*oneSigma/rows/rows/share(k)
		}
	}
	for name, half := range halves {
		cross, fit, judge := correlation(half[nets.Fitted].off, half[nets.HeldOut].off)
		if math.Abs(cross) > 5/math.Sqrt(draws) {
			t.Errorf("%s: the halves correlate by %g", name, cross)
		}
		for k, got := range []float64{fit, judge} {
			if ratio := got / half[k].claimed; math.Abs(ratio-1) > 5*math.Sqrt(2.0/draws) {
				t.Errorf("%s: the variance of mean %d is %g of what is claimed", name, k, ratio)
			}
		}
	}
}

// smallConfig is that of few atoms and of the pairs of m, for steps of config on rows
// rows.
func smallConfig(m *marginal.Measurements, rows int, config dpsgd.StepConfig, steps int, seed uint64) (nets.EngineConfig, *Weights) {
	w := NewWeights(m, config, float64(rows), steps)
	b := nets.EngineConfig{Layout: marginal.Layout(m.Columns), Cells: marginal.CellsOf(m.Columns), Atoms: nets.AtomsConfig{Count: 4, Latent: 2}, Pairs: w.Pairs, Step: config}
	b.Initial.Tensors = nets.Initial(b.Atoms, b.Layout, m.HeadBias(float64(rows)), w.Pairs, w.Initials(seed), seed)
	b.Scale, b.Count = w.RunningMeans(config.MaxGradNorm, 0)
	return b, w
}

// steppedWeights takes steps on columns, and returns both means of the weights.
func steppedWeights(t *testing.T, m *marginal.Measurements, columns [][]uint32, config dpsgd.StepConfig, steps int, seed uint64) (*Weights, [nets.Means][]float32) {
	t.Helper()
	gate, rows := gantest.Gate(t, m, columns, seed), len(columns[0])
	config.PhysicalBatch = dpsgd.PhysicalBatch(config.BatchSize, rows, 7) // in chunks
	b, w := smallConfig(m, rows, config, steps, seed)
	dev := cpu.New(1)
	defer dev.Close()
	e, err := nets.NewDeviceEngine(dev, gate, b)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= steps; n++ {
		k := nets.Fitted
		if IsHeldOut(n, steps) {
			k = nets.HeldOut
		}
		if err := e.PairsStep(k); err != nil {
			t.Fatal(err)
		}
	}
	var out [nets.Means][]float32
	for k := range nets.Means {
		if out[k], err = e.Weights(k); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return w, out
}

// errors of mean k's weights, in units of what each should be off by.
func errorsOf(w *Weights, k int, values []float32, m *marginal.Measurements, columns [][]uint32, steps int) (out []float64) {
	for at, table := range w.lists {
		counts, first := gantest.Counts(m, table, columns), w.Pairs.Tables[at].Offset
		for i, n := range counts {
			off := float64(values[first+i]) - n/w.rows
			out = append(out, off*math.Sqrt(w.precision(k, at, steps)))
		}
	}
	return out
}

// Without noise on the sums, and with every row in every batch, the weights are the
// frequencies of pairs and of triples, whatever the norm that gradients are clipped to;
// a bought table counts for as much as it is precise.
func TestWithoutNoiseWeightsAreFrequencies(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for _, targeted := range []bool{false, true} {
		for _, norm := range []float64{0.01, 1, 30} {
			columns := gantest.RandomRows(60, r, 3, 4, 2)
			m := gantest.Even(targeted, 3, 4, 2)
			// A noise that rounds to 0, so a step is as precise as a float holds.
			config := dpsgd.StepConfig{BatchSize: 60, SampleRate: 1, MaxGradNorm: norm, NoiseMultiplier: 1e-12}
			w, means := steppedWeights(t, m, columns, config, 13, 4)
			for k, values := range means {
				for at, table := range w.lists {
					for i, n := range gantest.Counts(m, table, columns) {
						if got := float64(values[w.Pairs.Tables[at].Offset+i]); math.Abs(got-n/60) > 1e-6 {
							t.Fatalf("norm %g, mean %d, table %v, cell %d: weight %g, want %g", norm, k, table, i, got, n/60)
						}
					}
				}
			}
		}
	}
}

// With noise, weights are off by what their precision says, also where bought tables
// are what they begin with. χ² of about 1,000 weights, within 5 standard deviations for
// each of four: a false alarm in 4e5 seeds.
func TestWeightsAreAsPreciseAsIsClaimed(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 7))
	columns := gantest.RandomRows(200, r, 20, 24, 12)
	const steps = 40
	for _, buys := range []bool{false, true} {
		m := gantest.Even(false, 20, 24, 12)
		if buys {
			for _, table := range m.Looked[:2] { // and one is not bought
				gantest.AddNoisy(m, table, gantest.Counts(m, table, columns), 1, r) // worth about 30 steps
			}
		}
		config := dpsgd.StepConfig{BatchSize: 200, SampleRate: 1, MaxGradNorm: 2, NoiseMultiplier: 3}
		w, means := steppedWeights(t, m, columns, config, steps, 6)
		for k, values := range means {
			square, n := 0.0, 0.0
			for _, off := range errorsOf(w, k, values, m, columns, steps) {
				square, n = square+off*off, n+1
			}
			if got := square / n; math.Abs(got-1) > 5*math.Sqrt(2/n) {
				t.Errorf("bought: %v, mean %d: weights are off by %.3f of the variance claimed", buys, k, got)
			}
		}
	}
}

// What weights are told as counts is what they are, with the noise that they end with.
func TestWeightsAsCounts(t *testing.T) {
	m := gantest.Even(false, 2, 3)
	w := NewWeights(m, dpsgd.StepConfig{BatchSize: 50, SampleRate: 0.5, MaxGradNorm: 1, NoiseMultiplier: 2}, 100, 24)
	counts, noise := w.counts([]float32{0.25, 0, 0.5, 0, 0.25, 0}), w.sigmas(nets.HeldOut, 24)
	if !slices.Equal(counts[0], []float64{25, 0, 50, 0, 25, 0}) || math.Abs(noise[0]-100/math.Sqrt(w.precision(nets.HeldOut, 0, 24))) > 1e-9 {
		t.Errorf("counts %v with noise %v", counts, noise)
	}
}

// Whatever the importance of tables, what a record adds to all of them is no longer than
// max_grad_norm, and nearly as long.
func TestGradientOfPairsIsClipped(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for trial := range 300 {
		n, spread := 1+r.IntN(2000), 10*r.Float64()
		if trial < 5 {
			n = trial + 1
		}
		sizes := make([]float64, n)
		for k := range sizes {
			sizes[k] = math.Exp(spread * r.NormFloat64())
		}
		tables, square := &device.PairTables{}, 0.0
		for k, g := range dpsgd.PairGradients(sizes) {
			square += float64(g) * float64(g)
			tables.Tables = append(tables.Tables, device.PairTable{B: 1, Target: -1, CountB: 1, CountTarget: 1, Offset: k, Gradient: g})
		}
		tables.Weights = n
		norm := math.Sqrt(square) / (1 << device.SumBits)
		if _, err := tables.Limits(); err != nil || norm > 1 || norm < 0.999 {
			t.Errorf("%d tables: a record's gradient has the norm %.9f of max_grad_norm: %v", n, norm, err)
		}
	}
}

// A table gets the more of a record's gradient the more of its cells stand clear of the
// noise; if none does, all get as much.
func TestImportanceGrowsWithClearCells(t *testing.T) {
	m := gantest.Even(false, 2, 10, 40) // tables of 20, 80 and 400 cells
	before := []float64{math.Inf(1), math.Inf(1), math.Inf(1)}
	for _, noise := range []float64{1e-6, 0.1, 1, 10, 1e6} {
		config := dpsgd.StepConfig{BatchSize: 500, SampleRate: 0.5, MaxGradNorm: 1, NoiseMultiplier: noise}
		w := NewWeights(m, config, 1000, 50)
		got := importance(m, config, 50)
		for k, s := range got {
			cells := float64(w.sizes[k])
			if s > before[k] || s < 1 || s > math.Cbrt(cells)+1e-9 {
				t.Errorf("noise %g: a table of %g cells has the importance %g, with less noise %g", noise, cells, s, before[k])
			}
			if noise == 1e-6 && math.Abs(s-math.Cbrt(cells)) > 1e-9 || noise == 1e6 && s != 1 {
				t.Errorf("noise %g: a table of %g cells has the importance %g", noise, cells, s)
			}
			if k > 0 && (s < got[k-1] || w.Pairs.Tables[k].Gradient < w.Pairs.Tables[k-1].Gradient) {
				t.Errorf("noise %g: importance %v falls with the number of cells", noise, got)
			}
		}
		before = got
	}
	// Half of a column's rows lie in one cell: few of the others are clear.
	skew := gantest.Even(false, 10, 10, 10)
	for k := range skew.Columns[2].Shares {
		skew.Columns[2].Shares[k] = 0.5
		if k > 0 {
			skew.Columns[2].Shares[k] = 0.5 / 9
		}
	}
	config := dpsgd.StepConfig{BatchSize: 500, SampleRate: 0.5, MaxGradNorm: 1, NoiseMultiplier: 10}
	if got := importance(skew, config, 50); got[1] >= got[0] || got[2] != got[1] {
		t.Errorf("importance %v, want less where one cell has most rows", got)
	}
}

// The cells that stand clear are counted whole, the others by how near they come.
func TestClearOf(t *testing.T) {
	shares := [][]float64{{0.5, 0.25, 0.25}, {0.75, 0.25}}
	for _, c := range []struct{ bar, want float64 }{{0, 6}, {0.0625, 6}, {0.125, 5}, {0.25, 1 + 2*0.75 + 0.5 + 2*0.25}, {1, 1}} {
		if got := clearOf(shares, 1, c.bar); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("above %g: %g cells, want %g", c.bar, got, c.want)
		}
	}
}

// What was bought counts for as many steps as it is as precise as.
func TestWorthOfBoughtTables(t *testing.T) {
	m := gantest.Even(false, 3, 3)
	config := dpsgd.StepConfig{BatchSize: 100, SampleRate: 0.5, MaxGradNorm: 1, NoiseMultiplier: 2}
	if got := NewWeights(m, config, 200, 10).EquivalentSteps(); got != 0 {
		t.Errorf("nothing was bought, and is worth %g steps", got)
	}
	// 16 steps of noise 2 on a batch of half of the rows are a table with noise 1.
	gantest.AddTable(m, m.Looked[0], make([]float64, 9), 1)
	w := NewWeights(m, config, 200, 10)
	if got := w.EquivalentSteps(); math.Abs(got-16) > 1e-4 {
		t.Errorf("a table is worth %g steps, want 16", got)
	}
	for k, name := range []string{"what is fitted", "what is held out"} {
		for steps, taken := range map[int]int{0: 0, 10: []int{9, 1}[k]} { // of 10 steps one is held out
			_, count := w.RunningMean(k, 1, steps)
			if want := 16*share(k) + float64(taken); math.Abs(float64(count[0])-want) > 1e-4 {
				t.Errorf("after %d steps %s counts for %g, want %g", steps, name, count[0], want)
			}
		}
	}
}
