package gan

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
)

// starOf are the counts [cells, 2] of a column with a target, with noise sigma.
func starOf(given [2][]float64, weights []float64, rows, sigma float64, r *rand.Rand) []float64 {
	var counts []float64
	for k := range given[0] {
		for v, w := range weights {
			counts = append(counts, rows*w*given[v][k]+sigma*r.NormFloat64())
		}
	}
	return counts
}

func near(a, b []float64) float64 {
	worst := 0.0
	for k := range a {
		worst = math.Max(worst, math.Abs(a[k]-b[k]))
	}
	return worst
}

// Tables with the target tell the shares in each class if they are precise, nothing if
// they are noise, and columns without one are independent of the target. A pair is
// then independent given the class, and its cells sum to one.
func TestClassesOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	weights := []float64{0.3, 0.7}
	given := [2][]float64{{0.1, 0.2, 0.7}, {0.5, 0.4, 0.1}}
	shares := [][]float64{{0.38, 0.34, 0.28}, {0.38, 0.34, 0.28}, weights, {0.25, 0.75}}
	const rows = 1000.0
	tables := [][]float64{starOf(given, weights, rows, 0, r), starOf(given, weights, rows, 1e5, r), nil, nil}
	c := classesOf(shares, tables, 2, 1e-6, rows)
	for v := range weights {
		if off := near(c.given[0][v], given[v]); off > 1e-9 {
			t.Errorf("class %d: %v, want %v", v, c.given[0][v], given[v])
		}
		if off := near(c.given[3][v], shares[3]); off > 0 {
			t.Errorf("class %d of a column without a table: %v", v, c.given[3][v])
		}
		if c.given[2][v][v] != 1 || c.given[2][v][1-v] != 0 {
			t.Errorf("the target in its own class %d: %v", v, c.given[2][v])
		}
	}
	pair, sum := c.pair(0, 3), 0.0
	for k, p := range pair {
		if math.Abs(p-shares[0][k/2]*shares[3][k%2]) > 1e-9 {
			t.Errorf("cell %d of a pair with an independent column: %g", k, p)
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("a pair sums to %g", sum)
	}
	if p, want := c.pair(0, 0)[2], 0.3*0.1*0.7+0.7*0.5*0.1; math.Abs(p-want) > 1e-9 {
		t.Errorf("a pair of two columns that follow the target: %g, want %g", p, want)
	}
	noisy := classesOf(shares, tables, 2, 1e5, rows)
	for v := range weights {
		for k, p := range noisy.given[1][v] {
			if !(p >= 0) || math.Abs(noisy.given[0][v][k]-shares[0][k]) > 1e-9 {
				t.Errorf("noise teaches: %v, %v", noisy.given[0], noisy.given[1])
			}
		}
	}
	if got := independent(shares).pair(1, 3); math.Abs(got[3]-0.34*0.75) > 1e-12 {
		t.Errorf("independent columns: %v", got)
	}
}

// Joining cells and then pairing columns is pairing and then joining.
func TestGatheredClasses(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	weights := []float64{0.4, 0.6}
	given := [2][]float64{{0.1, 0.2, 0.3, 0.4}, {0.4, 0.3, 0.2, 0.1}}
	shares := [][]float64{{0.28, 0.26, 0.24, 0.22}, {0.28, 0.26, 0.24, 0.22}, weights}
	star := starOf(given, weights, 100, 0, r)
	c := classesOf(shares, [][]float64{star, star, nil}, 2, 1e-9, 100)
	of := [][]int{{0, 0, 1, 1}, {0, 1, 1, 1}, {0, 1}}
	want, whole := make([]float64, 4), c.pair(0, 1)
	for k, p := range whole {
		want[of[0][k/4]*2+of[1][k%4]] += p
	}
	if got := c.gather(of, []int{2, 2, 2}).pair(0, 1); near(got, want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

// Pairs that were not looked at are fitted to what is guessed of them, with little
// weight, and judge nothing; those looked at weigh what they are known to.
func TestGuessesFillWhatWasNotMeasured(t *testing.T) {
	m := evenJoint(false, 2, 2, 2)
	for j, p := range [][]float64{{0.5, 0.5}, {0.2, 0.8}, {0.4, 0.6}} {
		m.Columns[j].Shares = p
	}
	m.Looked, m.Chosen = m.Looked[:1], true
	m.add(m.Looked[0], []float64{90, 10, 10, 90}, 2)
	w := newWeights(m, dpsgd.StepConfig{}, 200, 0)
	targets := func(k int) *Targets { return newAims(m, w, 1).target(k, w.begin(k, 1)) }
	fit, judge := targets(fitted), targets(heldOut)
	for _, at := range []int{2*6 + 0, 0*6 + 2} { // columns 1 and 0
		if fit.TwoWeight[0][at] != 1 || judge.TwoWeight[0][at] != 1 {
			t.Errorf("a measured cell has the weights %g and %g", fit.TwoWeight[0][at], judge.TwoWeight[0][at])
		}
	}
	for _, at := range []int{4*6 + 3, 3*6 + 4} { // columns 2 and 1
		if want := 0.4 * 0.8; math.Abs(float64(fit.Two[0][at])-want) > 0.05 || fit.TwoWeight[0][at] != guessWeight {
			t.Errorf("a pair not measured: %g of weight %g, want %g", fit.Two[0][at], fit.TwoWeight[0][at], want)
		}
		if judge.TwoWeight[0][at] != 0 {
			t.Error("a guess judges")
		}
	}
	m.Chosen = false
	if weight := targets(fitted).TwoWeight[0][4*6+3]; weight != 0 {
		t.Errorf("pairs are guessed with the weight %g though none was left out", weight)
	}
}
