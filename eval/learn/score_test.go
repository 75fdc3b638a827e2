package learn

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestAUCCountsPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		n := 3 + random.IntN(40)
		scores, positive := make([]float64, n), make([]bool, n)
		for i := range scores {
			scores[i] = float64(random.IntN(6)) // many ties
			positive[i] = random.IntN(3) == 0
		}
		var wins, pairs float64
		for i := range scores {
			for k := range scores {
				if positive[i] && !positive[k] {
					pairs++
					switch {
					case scores[i] > scores[k]:
						wins++
					case scores[i] == scores[k]:
						wins += .5
					}
				}
			}
		}
		got := newRanking(scores, positive).area(nil)
		if pairs == 0 {
			if !math.IsNaN(got) {
				t.Fatalf("one class: %v, want NaN", got)
			}
			continue
		}
		if math.Abs(got-wins/pairs) > 1e-12 {
			t.Fatalf("AUC %v, want %v by counting pairs", got, wins/pairs)
		}
	}
}

func TestMacroAUCIgnoresAbsentClasses(t *testing.T) {
	p := [][]float64{{.8, .1, .2, .1}, {.1, .8, .7, .2}, {.1, .1, .1, .7}}
	if got := MacroAUC(p, []float64{0, 1, 1, 0}); math.IsNaN(got) || got < .5 {
		t.Errorf("MacroAUC with an absent class = %v", got)
	}
	if got := MacroAUC(p, []float64{0, 1, 1, 2}); got != 1 {
		t.Errorf("perfect prediction: %v, want 1", got)
	}
}

// TestIntervalCovers draws many samples of one population: a 95 % interval
// should hold the true AUC in all but a few. 200 trials at 95 % leave fewer
// than 175 hits with a probability below 1e-5.
func TestIntervalCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	truth := .5 * (1 + math.Erf(.5)) // normal scores 1 apart: Φ(1/√2)
	hits := 0
	for range 200 {
		scores, y := make([]float64, 200), make([]float64, 200)
		for i := range scores {
			y[i] = float64(i % 2)
			scores[i] = random.NormFloat64() + y[i]
		}
		low, high := MacroAUCInterval([][]float64{scores, scores}, y, random)
		if low <= truth && truth <= high {
			hits++
		}
	}
	if hits < 175 {
		t.Errorf("%d of 200 intervals hold the truth", hits)
	}
}

func TestROCArea(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	scores, positive := make([]float64, 3000), make([]bool, 3000)
	for i := range scores {
		positive[i] = i%4 == 0
		scores[i] = random.NormFloat64()
		if positive[i] {
			scores[i]++
		}
	}
	fpr, tpr := ROC(scores, positive, 150)
	if len(fpr) > 450 || fpr[0] != 0 || fpr[len(fpr)-1] != 1 || tpr[len(tpr)-1] != 1 {
		t.Fatalf("curve of %d points from (%v, %v) to (%v, %v)", len(fpr), fpr[0], tpr[0], fpr[len(fpr)-1], tpr[len(tpr)-1])
	}
	area := 0.0
	for i := 1; i < len(fpr); i++ {
		area += (fpr[i] - fpr[i-1]) * (tpr[i] + tpr[i-1]) / 2
	}
	if want := newRanking(scores, positive).area(nil); math.Abs(area-want) > .002 {
		t.Errorf("area under the thinned curve %v, want %v", area, want)
	}
}

func TestF1AndR2(t *testing.T) {
	said, is := []bool{true, true, false, false}, []bool{true, false, true, false}
	if got := F1(said, is); got != .5 {
		t.Errorf("F1 = %v, want .5", got)
	}
	if got := F1([]bool{false}, []bool{true}); got != 0 {
		t.Errorf("F1 without a hit = %v, want 0", got)
	}
	y := []float64{1, 2, 3, 4}
	if got := R2(y, y, nil); got != 1 {
		t.Errorf("R² of the truth = %v, want 1", got)
	}
	if got := R2([]float64{2.5, 2.5, 2.5, 2.5}, y, nil); got != 0 {
		t.Errorf("R² of the mean = %v, want 0", got)
	}
	if got := R2(y, []float64{7, 7, 7, 7}, nil); !math.IsNaN(got) {
		t.Errorf("R² of a constant = %v, want NaN", got)
	}
}
