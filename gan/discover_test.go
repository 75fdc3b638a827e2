package gan

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/dpgan/dpgan/cpu"
	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
)

// adultUndeclared is the UCI Adult table by its header alone.
func adultUndeclared() tabular.Schema {
	numbers := []string{"age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"}
	schema := tabular.Schema{Missing: []string{"?"}}
	for _, name := range []string{"age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
		"relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"} {
		c := tabular.Column{Name: name, Type: tabular.Categorical}
		if slices.Contains(numbers, name) {
			c.Type = tabular.Integer
		}
		schema.Columns = append(schema.Columns, c)
	}
	return schema
}

// At a total of ε = 0.1, 0.025 for bounds, 0.055 for categories, 0.01 for missing
// cells and 0.01 for the row count, discovery finds bounds and categories of 95 %
// of the cells, and costs what it says.
func TestDiscoverAdult(t *testing.T) {
	folder := os.Getenv("DPGAN_DATA")
	if folder == "" {
		t.Skip("DPGAN_DATA is not set: no folder with adult_train.csv.gz")
	}
	path := filepath.Join(folder, "adult_train.csv.gz")
	privacy := dpsgd.DefaultConfig()
	privacy.RowCount = dpsgd.RowCountDiscovered
	privacy.Discovery = dpsgd.DiscoveryConfig{Bounds: 0.025, Categories: 0.055, Missing: 0.01, RowCount: 0.01}
	start := dpsgd.Start{Run: "adult", Ledger: filepath.Join(t.TempDir(), "ledger.jsonl")}
	declared := adultUndeclared()
	filled, _, err := Discover(context.Background(), path, declared, privacy, start, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filled.Compile(); err != nil {
		t.Fatal(err)
	}

	paid, _ := Undeclared(declared, privacy)
	prices, err := DiscoveryPrices(paid, privacy)
	if err != nil {
		t.Fatal(err)
	}
	var stated []accounting.Event
	for _, price := range prices {
		if price.Question != dpsgd.AskRowCount { // charged by the gate, later
			stated = append(stated, price.Events...)
		}
	}
	records, _, err := accounting.ReadLedger(start.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	charged, err := accounting.SpentOf(records)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(charged, stated) {
		t.Errorf("charged %v, stated %v", charged, stated)
	}
	epsilon, err := accounting.PLD.Epsilon(charged, privacy.TargetDelta)
	if err != nil || epsilon > 0.1 {
		t.Errorf("ε = %g, %v: more than 0.1", epsilon, err)
	}
	coverage, worst := covered(t, path, &filled)
	t.Logf("ε=%.4g; %.2f %% of the categories' cells, %.2f %% of the numbers'; least: %s", epsilon, 100*coverage[0], 100*coverage[1], worst)
	if coverage[0] < 0.95 || coverage[1] < 0.95 {
		t.Errorf("%.4g of the categories' cells and %.4g of the numbers' are covered, want 0.95", coverage[0], coverage[1])
	}
}

// covered is the share of present cells of categories and of numbers that have a
// value of their own in schema.
func covered(t *testing.T, path string, schema *tabular.Schema) (share [2]float64, worst string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all, inside [2]float64
	least := 1.0
	for j, c := range schema.Columns {
		kind, hits, cells := 0, 0.0, 0.0
		for _, row := range records[1:] {
			if row[j] == "?" {
				continue
			}
			cells++
			if c.Type == tabular.Categorical {
				if slices.Contains(c.Values, row[j]) {
					hits++
				}
				continue
			}
			kind = 1
			if x, _ := strconv.ParseFloat(row[j], 64); x >= c.Bounds[0].(float64) && x <= c.Bounds[1].(float64) {
				hits++
			}
		}
		all[kind] += cells
		inside[kind] += hits
		if hits/cells < least {
			least, worst = hits/cells, c.Name+" "+strconv.FormatFloat(100*hits/cells, 'f', 1, 64)+" %"
		}
	}
	return [2]float64{inside[0] / all[0], inside[1] / all[1]}, worst
}

// What a checkpoint knows is not asked again.
func TestResumedSchemaIsTheOneFound(t *testing.T) {
	declared := tabular.Schema{Columns: []tabular.Column{{Name: "age", Type: tabular.Integer}, {Name: "sex", Type: tabular.Categorical}}}
	privacy := dpsgd.DefaultConfig()
	privacy.Discovery = dpsgd.DiscoveryConfig{Bounds: 1, Categories: 1}
	folder := t.TempDir()
	if got, err := ResumedSchema(folder, declared, privacy); err != nil || len(got.Gaps()) != 2 {
		t.Fatalf("without a checkpoint: %+v, %v", got, err)
	}
	paid, unpaid := Undeclared(declared, privacy)
	if len(paid) != 2 || len(unpaid) != 0 {
		t.Fatalf("paid %v, unpaid %v", paid, unpaid)
	}
	filled := declared.Fill(paid, map[int]tabular.Found{0: {Low: 16, High: 128}, 1: {Values: []string{"F", "M"}}})
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
