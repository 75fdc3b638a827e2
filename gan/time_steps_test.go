package gan

import (
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// A rehearsal needs no row, in any mode, also where there is nothing to step, and says how
// many weights get the noise: those of the tables that are looked at.
func TestRehearsalMeasuresWithoutData(t *testing.T) {
	dev := cpu.New(1)
	defer dev.Close()
	for mode := range modes {
		for _, columns := range []int{1, 3} {
			codec, _ := tabulartest.Small(t)
			s := smallSettings(t, tabulartest.Compile(t, codec.Schema().Columns[:columns]), 1)
			s.Privacy.Budget, s.Privacy.NoiseMultiplier, s.Model = modes[mode], new(20.0), nets.DefaultModelConfig()
			budget, err := dpsgd.PlanBudget(s.Privacy)
			if err != nil {
				t.Fatal(err)
			}
			stages, err := PlanReleases(budget, &s, 2000)
			if err != nil {
				t.Fatal(err)
			}
			step := dpsgd.StepConfig{BatchSize: 100, SampleRate: 0.05, MaxGradNorm: 1, NoiseMultiplier: 20}
			r, err := TimeSteps(dev, s, stages, step, 0)
			if err != nil {
				t.Fatalf("%s, %d columns: %v", mode, columns, err)
			}
			cells, weights := marginal.Uniform(s.Domain.Measured(), stages).Columns, 0
			for _, pair := range stages.Joint {
				weights += cells[pair[0]].Count * cells[pair[1]].Count
			}
			if steps := mode != marginal.ModeMarginals && columns > 1; r.Weights != weights || (weights > 0) != (columns > 1) || (r.SecondsPerStep > 0) != steps || !(r.SecondsPerGeneratorStep > 0) {
				t.Errorf("%s, %d columns: %+v, want %d weights", mode, columns, r, weights)
			}
		}
	}
}
