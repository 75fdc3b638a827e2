package moment

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

// Weights is the real half of the second-order discriminator, seen from the host: what
// its parameters are and how well they are known.
//
//	D(x) = Σ_t s_t·(W_t - W'_t)[x_a, x_b(, y)]
//
// over the tables t of cells of two columns, or of two and the target y. The objective
// is the Wasserstein one with a ridge, E_real D - E_fake D - ½‖s·(W - W')‖², so the best
// W_t is the frequency of each combination of cells among real rows, and the best
// W'_t that among fakes. W' is exact and fresh in each step of the generator
// (device.MomentDelta). W learns by DP-SGD: a record's gradient is s_t at one weight of
// each table, its norm is max_grad_norm, and steps of 1/t average the noise away. A
// noisy table that was bought is the same kind of estimate, and where W begins: it counts
// for as many steps as it is as precise as.
type Weights struct {
	Pairs *device.PairTables
	lists [][]int // the columns of each table
	sizes []int
	rows  float64
	// Planned is how many steps there are to be; which of them are held out hangs on it.
	Planned int
	// bought, by table, is the precision (1/variance, of a frequency) of what was paid
	// for before the first step, and step what one step adds; either may be 0.
	bought, step []float64
	start        []float64 // [Weights] frequencies as bought
}

// heldOutEvery says how much of what is known is held out: of steps every twelfth, of bought
// tables as much by splitting their noise (see fission).
const heldOutEvery = 12

// fission is a in T + aσz, to fit, and T - σz/a, to judge: their noises are
// independent, so the second is as good as fresh data, at no cost (Leiner et al. 2023,
// arXiv 2112.11079, for Gaussian noise). a = 1/√(heldEvery-1).
var fission = 1 / math.Sqrt(heldOutEvery-1)

// share is the part of the precision of what is bought that mean k has.
func share(k int) float64 {
	if k == nets.HeldOut {
		return 1. / heldOutEvery
	}
	return 1 - 1./heldOutEvery
}

// IsHeldOut reports whether step number n, from 1 on, of planned ones is held out.
func IsHeldOut(n, planned int) bool {
	every := min(heldOutEvery, planned)
	return every > 1 && n%every == every/2
}

// heldOutSteps is how many of the first n steps are.
func heldOutSteps(n, planned int) int {
	every := min(heldOutEvery, planned)
	if every <= 1 {
		return 0
	}
	return (n + every - every/2) / every
}

// NewWeights lays out the weights of what m looks at, for planned steps of config (none:
// the zero value) on rows rows.
func NewWeights(m *marginal.Measurements, config dpsgd.StepConfig, rows float64, planned int) *Weights {
	w := &Weights{Pairs: &device.PairTables{}, lists: m.Looked, rows: rows, Planned: planned}
	for _, columns := range m.Looked {
		t := device.PairTable{A: columns[0], B: columns[1], Target: -1, CountB: m.Columns[columns[1]].Count, CountTarget: 1, Offset: w.Pairs.Weights}
		if marginal.IsTriple(columns) {
			t.Target, t.CountTarget = columns[2], m.Columns[columns[2]].Count
		}
		size := m.Columns[columns[0]].Count * t.CountB * t.CountTarget
		w.sizes, w.Pairs.Tables, w.Pairs.Weights = append(w.sizes, size), append(w.Pairs.Tables, t), w.Pairs.Weights+size
	}
	w.start, w.bought, w.step = make([]float64, w.Pairs.Weights), make([]float64, len(w.lists)), make([]float64, len(w.lists))
	for t, columns := range w.lists {
		if at := m.Table(columns); at >= 0 {
			w.bought[t] = rows * rows / (m.Noise[at] * m.Noise[at])
			for k, n := range m.Counts[at] {
				w.start[w.Pairs.Tables[t].Offset+k] = n / rows
			}
		}
	}
	if planned > 0 {
		for t, g := range dpsgd.PairGradients(importance(m, config, planned)) {
			w.Pairs.Tables[t].Gradient = g
			sigma := config.NoiseMultiplier / math.Ldexp(float64(g), -device.SumBits) / config.BatchSize // of a frequency
			w.step[t] = 1 / (sigma * sigma)
		}
	}
	return w
}

// importance is the size s of each table's gradient, up to a factor: the cube root of
// the number of its cells that stand clear of the noise at the end, as far as
// independent columns let one expect it. That makes the sum of the errors of all of
// them the least, where those of a table of n such cells are about n·σ/s.
func importance(m *marginal.Measurements, config dpsgd.StepConfig, steps int) []float64 {
	even := math.Sqrt(float64(len(m.Looked))) // 1/s if all tables were alike
	bar := clearCells * config.NoiseMultiplier * even / config.BatchSize / math.Sqrt(float64(steps))
	out := make([]float64, len(m.Looked))
	for t, columns := range m.Looked {
		shares := make([][]float64, len(columns))
		for i, j := range columns {
			shares[i] = m.Columns[j].Shares
		}
		out[t] = math.Cbrt(math.Max(1, clearOf(shares, 1, bar)))
	}
	return out
}

// clearCells is how many standard deviations a cell that counts as clear is above 0.
const clearCells = 3

// clearOf is the number of cells of a product of columns, p of the rows, that are above
// bar; one below counts by the part of bar that it reaches.
func clearOf(shares [][]float64, p, bar float64) (cells float64) {
	if len(shares) == 0 {
		if bar == 0 {
			return 1
		}
		return math.Min(1, p/bar)
	}
	for _, q := range shares[0] {
		cells += clearOf(shares[1:], p*q, bar)
	}
	return cells
}

// precision is that of mean k of table t after so many of the planned steps.
func (w *Weights) precision(k, t, steps int) float64 {
	n := heldOutSteps(steps, w.Planned)
	if k == nets.Fitted {
		n = steps - n
	}
	return share(k)*w.bought[t] + float64(n)*w.step[t]
}

// Known reports whether mean k says something of every table after so many steps.
func (w *Weights) Known(k, steps int) bool {
	for t := range w.lists {
		if w.precision(k, t, steps) == 0 {
			return false
		}
	}
	return true
}

// Initial is what mean k begins with: the bought tables, their noise split by seed.
func (w *Weights) Initial(k int, seed uint64) []float32 {
	random, values := rand.New(rand.NewPCG(seed, 0xf15510)), make([]float32, len(w.start))
	by := fission
	if k == nets.HeldOut {
		by = -1 / fission
	}
	for t, table := range w.Pairs.Tables {
		if w.bought[t] == 0 {
			continue
		}
		sigma := by / math.Sqrt(w.bought[t])
		for i := table.Offset; i < table.Offset+w.sizes[t]; i++ {
			values[i] = float32(w.start[i] + sigma*random.NormFloat64())
		}
	}
	return values
}

// Initials are what all means begin with.
func (w *Weights) Initials(seed uint64) [][]float32 {
	values := make([][]float32, nets.Means)
	for k := range values {
		values[k] = w.Initial(k, seed)
	}
	return values
}

// RunningMean is what an engine keeps mean k as, after so many of the planned steps:
// device.Mean's Scale and Count.
func (w *Weights) RunningMean(k int, maxGradNorm float64, steps int) (scale, count []float32) {
	scale, count = make([]float32, len(w.start)), make([]float32, len(w.start))
	for t, table := range w.Pairs.Tables {
		if w.step[t] == 0 {
			continue
		}
		unit := math.Ldexp(1, device.SumBits) / float64(table.Gradient) / maxGradNorm
		n := w.precision(k, t, steps) / w.step[t]
		for i := table.Offset; i < table.Offset+w.sizes[t]; i++ {
			scale[i], count[i] = float32(unit), float32(n)
		}
	}
	return scale, count
}

// RunningMeans is what an engine keeps all means as.
func (w *Weights) RunningMeans(maxGradNorm float64, steps int) (scales, counts [][]float32) {
	scales, counts = make([][]float32, nets.Means), make([][]float32, nets.Means)
	for k := range nets.Means {
		scales[k], counts[k] = w.RunningMean(k, maxGradNorm, steps)
	}
	return scales, counts
}

// counts are values of a mean as tables of counts.
func (w *Weights) counts(values []float32) (counts [][]float64) {
	for t, table := range w.Pairs.Tables {
		of := make([]float64, w.sizes[t])
		for i, p := range values[table.Offset : table.Offset+w.sizes[t]] {
			of[i] = float64(p) * w.rows
		}
		counts = append(counts, of)
	}
	return counts
}

// sigmas are the noise on a count of each table, as mean k has it after so many steps.
func (w *Weights) sigmas(k, steps int) (noise []float64) {
	for t := range w.lists {
		noise = append(noise, w.rows/math.Sqrt(w.precision(k, t, steps)))
	}
	return noise
}

// EquivalentSteps is how many steps the bought tables are as precise as, on average.
func (w *Weights) EquivalentSteps() float64 {
	sum := 0.0
	for t, b := range w.bought {
		if w.step[t] > 0 {
			sum += b / w.step[t]
		}
	}
	return sum / math.Max(float64(len(w.bought)), 1)
}
