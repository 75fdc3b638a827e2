package moment

import (
	"math"
	"math/rand/v2"

	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

// Objective turns what the discriminator knows of real rows into what the generator is
// fitted to and judged by.
type Objective struct {
	*marginal.Measurements
	*Weights
	Taken int           // how many of the planned steps will have been taken
	one   [][][]float64 // by mean: counts of single columns, their noise split
	noise [][]float64   // by mean, on those counts
}

// NewObjective splits the noise of single columns by seed.
func NewObjective(m *marginal.Measurements, w *Weights, seed uint64) *Objective {
	a := &Objective{Measurements: m, Weights: w, Taken: w.Planned}
	one, noise := m.OneWay(w.rows)
	a.one = make([][][]float64, nets.Means)
	for k := range nets.Means {
		a.noise = append(a.noise, scaled(noise, 1/math.Sqrt(share(k))))
	}
	random := rand.New(rand.NewPCG(seed, 0xf15511))
	at := 0
	for _, counts := range one {
		fit, judge := make([]float64, len(counts)), make([]float64, len(counts))
		for k, n := range counts {
			z := noise[at] * random.NormFloat64()
			fit[k], judge[k] = n+fission*z, n-z/fission
			at++
		}
		a.one[nets.Fitted], a.one[nets.HeldOut] = append(a.one[nets.Fitted], fit), append(a.one[nets.HeldOut], judge)
	}
	return a
}

func scaled(values []float64, factor float64) []float64 {
	out := make([]float64, len(values))
	for k, v := range values {
		out[k] = factor * v
	}
	return out
}

// SignalToNoise is the mean count of what is looked at, in standard deviations of its noise at
// the end of all planned steps: each table counts every row.
func (a *Objective) SignalToNoise() float64 {
	sum, cells := 0.0, 0.0
	for t, sigma := range a.sigmas(nets.Fitted, a.Planned) {
		sum += a.rows / sigma
		cells += float64(a.sizes[t])
	}
	if cells == 0 {
		return math.Inf(1)
	}
	return sum / cells
}

// Slices is how many tables of all cells a fit has: one for each value of the target, if
// triples are looked at.
func (a *Objective) Slices() int {
	for _, t := range a.Pairs.Tables {
		if t.Target >= 0 {
			return t.CountTarget
		}
	}
	return 1
}

// Of is what mean k, of the given weights, wants.
func (a *Objective) Of(k int, values []float32) *nets.Targets {
	counts, noise := a.counts(values), a.sigmas(k, a.Taken)
	if k == nets.HeldOut { // what is only guessed judges nothing
		return newFrequencies(marginal.Layout(a.Columns), a.one[k], a.noise[k], a.lists, counts, a.rows, noise).targets()
	}
	return a.withPrior(a.one[k], a.noise[k], counts, noise)
}

// Final is what both means, after so many steps, want together.
func (a *Objective) Final(values [][]float32, steps int) *nets.Targets {
	counts, noise := a.Combined(values, steps)
	one, sigma := a.OneWay(a.rows)
	return a.withPrior(one, sigma, counts, noise)
}

// Combined are tables of all that both means know after so many steps, and the noise on
// each count.
func (a *Objective) Combined(values [][]float32, steps int) ([][]float64, []float64) {
	together, noise := make([]float32, len(a.start)), make([]float64, len(a.lists))
	for t, table := range a.Pairs.Tables {
		fit, judge := a.precision(nets.Fitted, t, steps), a.precision(nets.HeldOut, t, steps)
		part := fit / (fit + judge)
		for i := table.Offset; i < table.Offset+a.sizes[t]; i++ {
			together[i] = float32(part*float64(values[nets.Fitted][i]) + (1-part)*float64(values[nets.HeldOut][i]))
		}
		noise[t] = a.rows / math.Sqrt(fit+judge)
	}
	return a.counts(together), noise
}

// withPrior are targets of m for a generator to learn from.
func (a *Objective) withPrior(one [][]float64, sigma []float64, counts [][]float64, noise []float64) *nets.Targets {
	m := newFrequencies(marginal.Layout(a.Columns), one, sigma, a.lists, counts, a.rows, noise)
	if a.Chosen {
		m.prior = a.NaiveBayes(a.lists, counts, noise, a.rows)
	}
	m.shrinkToIndependence()
	return m.targets()
}
