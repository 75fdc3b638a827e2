package discovery

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/tabular"
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
	prices, err := Prices(paid, privacy)
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
