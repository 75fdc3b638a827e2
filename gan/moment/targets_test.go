package moment

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/gantest"
	"github.com/dpgan/dpgan/gan/nets"
)

// Pairs that were not looked at are fitted to what is guessed of them, with little
// weight, and judge nothing; those looked at weigh what they are known to.
func TestGuessesFillWhatWasNotMeasured(t *testing.T) {
	m := gantest.Even(false, 2, 2, 2)
	for j, p := range [][]float64{{0.5, 0.5}, {0.2, 0.8}, {0.4, 0.6}} {
		m.Columns[j].Shares = p
	}
	m.Looked, m.Chosen = m.Looked[:1], true
	gantest.AddTable(m, m.Looked[0], []float64{90, 10, 10, 90}, 2)
	w := NewWeights(m, dpsgd.StepConfig{}, 200, 0)
	targets := func(k int) *nets.Targets { return NewObjective(m, w, 1).Of(k, w.Initial(k, 1)) }
	fit, judge := targets(nets.Fitted), targets(nets.HeldOut)
	for _, at := range []int{2*6 + 0, 0*6 + 2} { // columns 1 and 0
		if fit.TwoWeight[0][at] != 1 || judge.TwoWeight[0][at] != 1 {
			t.Errorf("a measured cell has the weights %g and %g", fit.TwoWeight[0][at], judge.TwoWeight[0][at])
		}
	}
	for _, at := range []int{4*6 + 3, 3*6 + 4} { // columns 2 and 1
		if want := 0.4 * 0.8; math.Abs(float64(fit.Two[0][at])-want) > 0.05 || fit.TwoWeight[0][at] != priorWeight {
			t.Errorf("a pair not measured: %g of weight %g, want %g", fit.Two[0][at], fit.TwoWeight[0][at], want)
		}
		if judge.TwoWeight[0][at] != 0 {
			t.Error("a guess judges")
		}
	}
	m.Chosen = false
	if weight := targets(nets.Fitted).TwoWeight[0][4*6+3]; weight != 0 {
		t.Errorf("pairs are guessed with the weight %g though none was left out", weight)
	}
}
