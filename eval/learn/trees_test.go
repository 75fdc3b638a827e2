package learn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTreesSeeOnlyRanks: a monotone map of a number changes no prediction.
func TestTreesSeeOnlyRanks(t *testing.T) {
	_, features, signal := sample(3000, 6)
	y := Target{2, classify(signal, 2, 6)}
	p, err := predictTrees(t.Context(), features, features, y)
	if err != nil {
		t.Fatal(err)
	}
	bent := slices.Clone(features)
	bent[2].Values = slices.Clone(features[2].Values)
	for i, v := range bent[2].Values {
		bent[2].Values[i] = math.Round(1e12*v*v*v) - 7
	}
	q, err := predictTrees(t.Context(), bent, bent, y)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p[1], q[1]) {
		t.Error("predictions changed under a monotone map of a feature")
	}
}

func TestManyLevelsAndUnseenOnes(t *testing.T) {
	const levels = 1000
	random := rand.New(rand.NewPCG(7, 8))
	codes, y := make([]uint32, 20_000), make([]float64, 20_000)
	for i := range codes {
		codes[i] = uint32(random.IntN(levels - 10)) // the last ten are never seen
		if codes[i]%2 == 0 {
			y[i] = 1
		}
	}
	m, err := FitTrees(t.Context(), []Feature{{Levels: levels, Codes: codes}}, Target{2, y})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict([]Feature{{Levels: levels, Codes: codes}})
	if err != nil {
		t.Fatal(err)
	}
	// 255 of 990 levels have a bin of their own and are learned exactly.
	if got := MacroAUC(p, y); got < .6 {
		t.Errorf("AUC %.3f, want at least .6", got)
	}
	if _, err := m.Predict([]Feature{{Levels: levels, Codes: []uint32{levels - 1}}}); err != nil {
		t.Errorf("an unseen level: %v", err)
	}
}
