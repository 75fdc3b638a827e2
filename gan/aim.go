package gan

import (
	"math"
	"math/rand/v2"
)

// aims turns what the discriminator knows of real rows into what the generator is
// fitted to and judged by.
type aims struct {
	*joint
	*weights
	end   int           // how many of the planned steps will have been taken
	one   [][][]float64 // by mean: counts of single columns, their noise split
	noise [][]float64   // by mean, on those counts
}

// newAims splits the noise of single columns by seed.
func newAims(m *joint, w *weights, seed uint64) *aims {
	a := &aims{joint: m, weights: w, end: w.planned}
	one, noise := m.singles(w.rows)
	a.one = make([][][]float64, means)
	for k := range means {
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
		a.one[fitted], a.one[heldOut] = append(a.one[fitted], fit), append(a.one[heldOut], judge)
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

// signal is the mean count of what is looked at, in standard deviations of its noise at
// the end of all planned steps: each table counts every row.
func (a *aims) signal() float64 {
	sum, cells := 0.0, 0.0
	for t, sigma := range a.sigmas(fitted, a.planned) {
		sum += a.rows / sigma
		cells += float64(a.sizes[t])
	}
	if cells == 0 {
		return math.Inf(1)
	}
	return sum / cells
}

// slices is how many tables of all cells a fit has: one for each value of the target, if
// triples are looked at.
func (a *aims) slices() int {
	for _, t := range a.tables.Tables {
		if t.Target >= 0 {
			return t.CountTarget
		}
	}
	return 1
}

// target is what mean k, of the given weights, wants.
func (a *aims) target(k int, values []float32) *Targets {
	counts, noise := a.counts(values), a.sigmas(k, a.end)
	if k == heldOut { // what is only guessed judges nothing
		return newMoments(cellLayout(a.Columns), a.one[k], a.noise[k], a.lists, counts, a.rows, noise).targets()
	}
	return a.taught(a.one[k], a.noise[k], counts, noise)
}

// all is what both means, after so many steps, want together.
func (a *aims) all(values [][]float32, steps int) *Targets {
	counts, noise := a.together(values, steps)
	one, sigma := a.singles(a.rows)
	return a.taught(one, sigma, counts, noise)
}

// together are tables of all that both means know after so many steps, and the noise on
// each count.
func (a *aims) together(values [][]float32, steps int) ([][]float64, []float64) {
	together, noise := make([]float32, len(a.start)), make([]float64, len(a.lists))
	for t, table := range a.tables.Tables {
		fit, judge := a.precision(fitted, t, steps), a.precision(heldOut, t, steps)
		part := fit / (fit + judge)
		for i := table.Offset; i < table.Offset+a.sizes[t]; i++ {
			together[i] = float32(part*float64(values[fitted][i]) + (1-part)*float64(values[heldOut][i]))
		}
		noise[t] = a.rows / math.Sqrt(fit+judge)
	}
	return a.counts(together), noise
}

// taught are targets of m for a generator to learn from.
func (a *aims) taught(one [][]float64, sigma []float64, counts [][]float64, noise []float64) *Targets {
	m := newMoments(cellLayout(a.Columns), one, sigma, a.lists, counts, a.rows, noise)
	if a.Chosen {
		m.guess = a.classes(a.lists, counts, noise, a.rows)
	}
	m.shrink()
	return m.targets()
}
