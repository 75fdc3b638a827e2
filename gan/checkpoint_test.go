package gan

import (
	"slices"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/discovery"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
)

// What a checkpoint knows is not asked again.
func TestResumedSchemaIsTheOneFound(t *testing.T) {
	declared := tabular.Schema{Columns: []tabular.Column{{Name: "age", Type: tabular.Integer}, {Name: "sex", Type: tabular.Categorical}}}
	privacy := dpsgd.DefaultConfig()
	privacy.Discovery = dpsgd.DiscoveryConfig{Bounds: 1, Categories: 1}
	folder := t.TempDir()
	if got, err := ResumedSchema(folder, declared, privacy); err != nil || len(got.Gaps()) != 2 {
		t.Fatalf("without a checkpoint: %+v, %v", got, err)
	}
	paid, unpaid := discovery.Undeclared(declared, privacy)
	if len(paid) != 2 || len(unpaid) != 0 {
		t.Fatalf("paid %v, unpaid %v", paid, unpaid)
	}
	filled := declared.Fill(paid, map[int]tabular.DiscoveredFacts{0: {Low: 16, High: 128}, 1: {Values: []string{"F", "M"}}})
	state := &checkpoint{Schema: filled, tensors: nets.Tensors{}}
	if err := state.save(folder, nil); err != nil {
		t.Fatal(err)
	}
	got, err := ResumedSchema(folder, declared, privacy)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Gaps()) > 0 || !slices.Equal(got.Columns[1].Values, []string{"F", "M", tabular.OtherValue}) {
		t.Errorf("resumed with %+v", got.Columns)
	}
}
