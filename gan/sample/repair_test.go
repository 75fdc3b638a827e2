package sample

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/mixture"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// What becomes of a row does not depend on the threads; the first row that cannot
// be kept is named.
func TestKeeper(t *testing.T) {
	codec, _ := tabulartest.Small(t)
	rules, err := codec.CompileRules(tabulartest.SmallRules)
	if err != nil {
		t.Fatal(err)
	}
	m := &generator{domain: &tabular.Domain{Codec: codec, Rules: rules}} // of one cell a column
	for j := range 3 {
		m.columns = append(m.columns, marginal.Binning{Cells: dpsgd.Cells{Edges: []uint32{0, codec.Size(j)}, Index: []uint32{0}, Count: 1}, Within: []float64{1}})
	}
	if m.mixture, err = mixture.New([]float32{1, 1, 1}, []int{1, 1, 1}); err != nil {
		t.Fatal(err)
	}
	c := &conditional{Mixture: m.mixture, decoders: newDecoders(m.columns, make([]codeWeights, 3))}
	random := rand.New(rand.NewPCG(1, 2))
	columns := make([][]uint32, 3)
	for j := range columns {
		for range 5000 {
			columns[j] = append(columns[j], random.Uint32N(codec.Size(j)))
		}
	}
	keep := func(fixed func(int) []bool) ([][]uint32, error) {
		out := [][]uint32{slices.Clone(columns[0]), slices.Clone(columns[1]), slices.Clone(columns[2])}
		k := repairer{rules: rules, seed: 4, make: m.samplers(c)}
		return out, k.repair(out, fixed)
	}
	first, err := keep(func(int) []bool { return nil })
	if err != nil || tabulartest.Broken(rules, first) > 0 {
		t.Fatalf("%d rows broken, %v", tabulartest.Broken(rules, first), err)
	}
	if again, _ := keep(func(int) []bool { return nil }); !reflect.DeepEqual(first, again) {
		t.Error("the same rows are kept in another way")
	}
	bad := 0 // the first row that no change mends
	for columns[1][bad] == columns[0][bad]/50 {
		bad++
	}
	_, err = keep(func(i int) []bool { return []bool{i >= bad, i >= bad, i >= bad} })
	if !errors.Is(err, tabular.ErrRules) {
		t.Errorf("row %d: %v", bad, err)
	}
}
