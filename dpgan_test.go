package dpgan_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dpgan/dpgan"
)

// What is the caller's to mend says what and how, and once it is mended the same folder
// can be trained into.
func TestTrainRefuses(t *testing.T) {
	none := func(func([]string, error) bool) {}
	one := func(record []string, err error) iter.Seq2[[]string, error] {
		return func(yield func([]string, error) bool) { yield(record, err) }
	}
	good := visitsConfig()
	good.Training.Steps = 3
	for name, c := range map[string]struct {
		source dpgan.Source
		edit   func(*dpgan.Config)
		text   string
	}{
		"no such file":        {dpgan.File("absent.csv"), nil, "absent.csv: no such file"},
		"no rows":             {dpgan.Records(none), nil, "no rows"},
		"a cell too few":      {dpgan.Records(one([]string{"1", "30"}, nil)), nil, "record 1: 2 cells"},
		"a cell out of range": {dpgan.Records(one([]string{"1", "130", "long"}, nil)), nil, `record 1: column "age"`},
		"a source that fails": {dpgan.Records(one(nil, errors.New("the cursor is gone"))), nil, "the cursor is gone"},
		"a value that no run can have": {dpgan.Records(none), func(c *dpgan.Config) { c.Privacy.TargetEpsilon = -1 },
			"privacy.target_epsilon=-1"},
		"a fact that only a file tells": {dpgan.Records(none), func(c *dpgan.Config) {
			c.Data.Columns[1].Bounds, c.Privacy.Discovery.Bounds = nil, 0.1
		}, `column "age": bounds missing`},
		"a GPU": {dpgan.Records(none), func(c *dpgan.Config) { c.Runtime.Device = "cuda" }, "runtime.device=cuda"},
	} {
		t.Run(name, func(t *testing.T) {
			config, out := visitsConfig(), filepath.Join(t.TempDir(), "run")
			config.Data.Path = ""
			if c.edit != nil {
				c.edit(config)
			}
			_, err := dpgan.Train(context.Background(), config, c.source, out)
			if err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%v, want %q", err, c.text)
			}
			if result, err := dpgan.Train(context.Background(), good, dpgan.Records(visits()), out, dpgan.InsecureSeed(1)); err != nil || result.Steps != 3 {
				t.Errorf("mended, in the same folder: %v", err)
			}
		})
	}
}

// Rows in memory train the model that the same rows in a file do.
func TestRecordsTrainLikeTheirFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "visits.csv")
	lines := []string{"id,age,stay"}
	for record := range visits() {
		lines = append(lines, strings.Join(record, ","))
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	config := visitsConfig()
	config.Training.Steps = 10
	drawn := map[string][]string{}
	for name, source := range map[string]dpgan.Source{"file": dpgan.File(path), "records": dpgan.Records(visits())} {
		result, err := dpgan.Train(context.Background(), config, source, filepath.Join(t.TempDir(), "run"), dpgan.InsecureSeed(1))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := result.Model.Sample(dpgan.SampleConfig{Rows: 200, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for record, err := range rows.Records() {
			if err != nil {
				t.Fatal(err)
			}
			drawn[name] = append(drawn[name], strings.Join(record, ","))
		}
	}
	if len(drawn["file"]) != 200 || !slices.Equal(drawn["file"], drawn["records"]) {
		t.Errorf("%q\nof the file, and of the records\n%q", drawn["file"], drawn["records"])
	}
}

// A sample is drawn once, in one of the two ways, and what no row meets is the caller's to
// mend.
func TestSampleIsDrawnOnce(t *testing.T) {
	seed := dpgan.InsecureSeed(1)
	config := visitsConfig()
	config.Training.Steps = 10
	result, err := dpgan.Train(context.Background(), config, dpgan.Records(visits()), filepath.Join(t.TempDir(), "run"), seed)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := result.Model.Sample(dpgan.SampleConfig{Rows: 3})
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range rows.Records() {
		if err != nil || len(row) != 3 || row[0] != "1" {
			t.Fatalf("%q, %v", row, err)
		}
		break
	}
	if err := rows.WriteFile(filepath.Join(t.TempDir(), "rows.csv")); err == nil {
		t.Error("a sample was drawn twice")
	}
	var usage *dpgan.UsageError
	if _, err := result.Model.Sample(dpgan.SampleConfig{Rows: 3, Where: []string{"stay=never"}}); !errors.As(err, &usage) {
		t.Errorf("%v is not the caller's to mend", err)
	}
	if _, err := dpgan.Train(context.Background(), config, dpgan.Records(visits()), filepath.Dir(result.Path), seed); !errors.As(err, &usage) {
		t.Errorf("a folder with a model was trained into: %v", err)
	}
	if !result.Model.Privacy().Insecure {
		t.Error("a model with a seed does not say so")
	}
}
