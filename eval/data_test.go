package eval

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// adultCodec compiles the public schema of Adult.
func adultCodec(t testing.TB) *tabular.Codec {
	t.Helper()
	var config struct {
		Data tabular.Schema `yaml:"data"`
	}
	if err := yaml.Unmarshal(configs.Adult, &config); err != nil {
		t.Fatal(err)
	}
	codec, err := config.Data.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// adult reads both parts of Adult from the folder that DPGAN_DATA names.
func adult(t testing.TB) (train, holdout *Table) {
	t.Helper()
	folder := os.Getenv("DPGAN_DATA")
	if folder == "" {
		t.Skip("DPGAN_DATA is not set: it names the folder with adult_train.csv.gz and adult_test.csv.gz")
	}
	codec := adultCodec(t)
	tables := make([]*Table, 2)
	for i, name := range []string{"adult_train.csv.gz", "adult_test.csv.gz"} {
		table, err := ReadTable(t.Context(), filepath.Join(folder, name), codec)
		if err != nil {
			t.Fatal(err)
		}
		tables[i] = table
	}
	return tables[0], tables[1]
}
