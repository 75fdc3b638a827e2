package marginal

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

func TestReadMap(t *testing.T) {
	for name, test := range map[string]struct {
		ordered bool
		counts  []float64
		values  []uint32
		unclear int
	}{
		"clear":             {false, []float64{50, 3, -2, 60, 40, 39}, []uint32{0, 1, 0}, 0},
		"noise alone":       {false, []float64{1, 2, -50, 60, 3, -7}, []uint32{1, 1, 0}, 2},
		"neighbours agree":  {true, []float64{50, 0, 1, 2, 3, -7, 80, 0}, []uint32{0, 0, 0, 0}, 2},
		"neighbours do not": {true, []float64{50, 0, 1, 2, 3, -7, 0, 80}, []uint32{0, 1, 0, 1}, 2},
		"one neighbour":     {true, []float64{1, 2, 50, 0, 1, 2}, []uint32{0, 0, 0}, 2},
		"no neighbour":      {true, []float64{1, 2, 2, 1}, []uint32{1, 0}, 2},
	} {
		if values, unclear := readMap(test.counts, 2, 10, test.ordered); !slices.Equal(values, test.values) || unclear != test.unclear {
			t.Errorf("%s: %v, %d unclear; want %v, %d", name, values, unclear, test.values, test.unclear)
		}
	}
}

// Noise alone seldom stands out, and what is there does.
func TestReadMapOfNoise(t *testing.T) {
	random, counts := rand.New(rand.NewPCG(1, 2)), make([]float64, 8*4000)
	for k := range counts {
		counts[k] = 5 * random.NormFloat64()
	}
	_, unclear := readMap(counts, 8, 5, false)
	if share := 1 - float64(unclear)/4000; math.Abs(share-blurred) > 5*math.Sqrt(blurred/4000) {
		t.Errorf("%.3f of the rows of noise stand out, want about %v", share, blurred)
	}
}

// A map is one of a declared rule that has none, and leaves no gap.
func TestMapsFitTheirRules(t *testing.T) {
	codec, _ := tabulartest.CodeAndName(t, 1)
	found := []DependencyMap{{Place: 0, Map: tabular.Terms{{Name: "0", Values: []string{"a"}}}}}
	open, err := codec.CompileRules([]tabular.Rule{{Dependency: "code", Determines: "name"}})
	if err != nil {
		t.Fatal(err)
	}
	declared, _, err := CompleteRules(open, found)
	if err != nil {
		t.Fatal(err)
	}
	var fault *tabular.RuleError
	if _, err := codec.CompileRules(declared); !errors.As(err, &fault) {
		t.Errorf("a map with gaps: %v", err)
	}
	found[0].Map = tabular.Terms{{Name: "0..3", Values: []string{"a"}}}
	if declared, _, err = CompleteRules(open, found); err != nil {
		t.Fatal(err)
	}
	mapped, err := codec.CompileRules(declared)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := CompleteRules(mapped, found); err == nil {
		t.Error("a map was found of a dependency that has one")
	}
}
