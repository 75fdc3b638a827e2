package configs_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/internal/cohort"
	"github.com/dpgan/dpgan/tabular"
)

// data is the section of a config that describes the table.
type data struct {
	Path           string
	Target         string
	tabular.Schema `yaml:",inline"`
}

func parse(t *testing.T, text []byte) (data, *tabular.Codec) {
	t.Helper()
	var config struct{ Data data }
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	codec, err := config.Data.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return config.Data, codec
}

func admits(t *testing.T, path string, codec *tabular.Codec, want int) {
	t.Helper()
	rows, err := tabular.Read(context.Background(), path, codec, tabular.Discard)
	if err != nil {
		t.Error(err)
	}
	if rows != want {
		t.Errorf("%s: %d rows, want %d", path, rows, want)
	}
}

func TestTargetIsAColumn(t *testing.T) {
	for name, text := range map[string][]byte{"medical": configs.Medical, "adult": configs.Adult, "diabetes130": configs.Diabetes130} {
		data, _ := parse(t, text)
		found := false
		for _, c := range data.Columns {
			found = found || c.Name == data.Target
		}
		if !found {
			t.Errorf("%s: data.target=%q: no such column", name, data.Target)
		}
	}
}

// Every cell that the simulation can write is one that medical.yaml declares.
func TestMedicalAdmitsTheDemoTable(t *testing.T) {
	_, codec := parse(t, configs.Medical)
	path := filepath.Join(t.TempDir(), "medical.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := cohort.Write(f, cohort.Rows, 1); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	admits(t, path, codec, cohort.Rows)
}

// The published codebooks cover every cell of the published tables.
func TestPublicSchemasAdmitTheRealTables(t *testing.T) {
	folder := os.Getenv("DPGAN_DATA")
	if folder == "" {
		t.Skip("DPGAN_DATA is not set: it names the folder of real tables")
	}
	for _, c := range []struct {
		file string
		text []byte
		rows int // as published; diabetes130: first encounters
	}{
		{"adult_train.csv.gz", configs.Adult, 32561},
		{"adult_test.csv.gz", configs.Adult, 16281},
		{"diabetes130.csv.gz", configs.Diabetes130, 71518},
	} {
		t.Run(c.file, func(t *testing.T) {
			_, codec := parse(t, c.text)
			admits(t, filepath.Join(folder, c.file), codec, c.rows)
		})
	}
}
