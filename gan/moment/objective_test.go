package moment

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/gantest"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
)

// How clearly a run sees is the mean count of what it looks at over the noise at its
// end, whether it was bought, is learned in steps, or both.
func TestSignal(t *testing.T) {
	m := gantest.Even(false, 4, 5) // 20 cells
	config := dpsgd.StepConfig{BatchSize: 100, SampleRate: 0.5, MaxGradNorm: 1, NoiseMultiplier: 2}
	signal := func(steps int) float64 {
		return NewObjective(m, NewWeights(m, config, 200, steps), 1).SignalToNoise()
	}
	// 16 steps know a count to 2·200/100/√16 = 1, of which 15 are fitted to.
	if got, want := signal(16), 10*math.Sqrt(15./16); math.Abs(got-want) > 1e-4 {
		t.Errorf("signal of steps %g, want %g", got, want)
	}
	gantest.AddTable(m, m.Looked[0], make([]float64, 20), 1)
	if got, want := signal(0), 10*math.Sqrt(11./12); math.Abs(got-want) > 1e-9 {
		t.Errorf("signal of a table %g, want %g", got, want)
	}
	if got, want := signal(16), 10*math.Sqrt(15./16+11./12); math.Abs(got-want) > 1e-4 {
		t.Errorf("signal of both %g, want %g", got, want)
	}
	m.Looked = nil
	if got := signal(0); !math.IsInf(got, 1) {
		t.Errorf("where nothing is looked at, nothing is blurred: signal %g", got)
	}
}

// What a run that ends early is fitted to is drawn to independence by the noise that it
// ended with, not by what was planned.
func TestTargetsOfARunThatEndsEarly(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	m := gantest.Even(false, 5, 5)
	config := dpsgd.StepConfig{BatchSize: 100, SampleRate: 0.5, MaxGradNorm: 1, NoiseMultiplier: 4}
	const planned, rows = 200, 200
	a := NewObjective(m, NewWeights(m, config, rows, planned), 1)
	values := a.Initial(nets.Fitted, 1)
	for k := range values { // of independent columns, after four steps
		values[k] = float32(0.04 + r.NormFloat64()/math.Sqrt(a.precision(nets.Fitted, 0, 4)))
	}
	strays := func(end int) (square float64) {
		a.Taken = end
		got := a.Of(nets.Fitted, values)
		even := marginal.Independent([][]float64{marginal.ProjectToSimplex(a.one[nets.Fitted][1], nil, rows), marginal.ProjectToSimplex(a.one[nets.Fitted][0], nil, rows)}).Pair(0, 1)
		for x := range 5 {
			for y := range 5 {
				off := float64(got.Two[0][(5+x)*10+y]) - even[5*x+y]
				square += off * off
			}
		}
		return square
	}
	if early, late := strays(4), strays(planned); early > late/3 {
		t.Errorf("of noise %g is left after 4 steps, %g after %d", early, late, planned)
	}
}

// Triples make a slice for each value of the target.
func TestSlices(t *testing.T) {
	for _, c := range []struct {
		targeted bool
		want     int
	}{{false, 1}, {true, 3}} {
		m := gantest.Even(c.targeted, 2, 2, 3)
		w := NewWeights(m, dpsgd.StepConfig{}, 100, 0)
		a := NewObjective(m, w, 1)
		if got := a.Slices(); got != c.want {
			t.Errorf("triples: %v, %d slices", c.targeted, got)
		}
		if got := a.Of(nets.Fitted, w.Initial(nets.Fitted, 1)); len(got.Two) != c.want || len(got.TwoWeight) != c.want || len(got.Slice) != c.want {
			t.Errorf("triples: %v, a target of %d slices", c.targeted, len(got.Two))
		}
	}
}

// Tables weigh by the inverse of their variance, the most precise of them 1, and a
// table of which nothing is known weighs nothing.
func TestTargetsWeighByPrecision(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	m := gantest.Even(false, 2, 2, 2)
	const rows = 400
	for at, sigma := range []float64{2, 8} { // and none of the third
		gantest.AddNoisy(m, m.Looked[at], []float64{100, 100, 100, 100}, sigma, r)
	}
	w := NewWeights(m, dpsgd.StepConfig{}, rows, 0)
	for k := range nets.Means {
		got := NewObjective(m, w, 1).Of(k, w.Initial(k, 1))
		for at, want := range []float64{1, 1. / 16, 0} {
			a, b := m.Looked[at][0], m.Looked[at][1]
			if weight := float64(got.TwoWeight[0][2*a*6+2*b]); math.Abs(weight-want) > 1e-6 {
				t.Errorf("mean %d: table %d weighs %g, want %g", k, at, weight, want)
			}
		}
		// A single column has half of the noise of the first table, which counts twice.
		if weight := float64(got.OneWeight[0]); math.Abs(weight-2*4) > 1e-6 {
			t.Errorf("mean %d: a single column weighs %g, want 8", k, weight)
		}
	}
}
