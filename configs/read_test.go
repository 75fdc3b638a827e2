package configs

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/gan/plan"
)

// A good file is all that planning a run needs.
func TestReadPlansARun(t *testing.T) {
	config, folder := mustLoad(t, smallConfig+"training: {steps: 20}\nprivacy: {accountant: rdp, target_epsilon: 2}\nruntime: {out: runs}\n")
	if config.Training.Steps != 20 || config.Privacy.TargetEpsilon != 2 || len(config.Data.Columns) != 2 {
		t.Errorf("read %+v", config)
	}
	for got, want := range map[string]string{config.Data.Path: "table.csv", config.Runtime.Out: "runs"} {
		if want = filepath.Join(folder, want); got != want {
			t.Errorf("path %s, want %s: beside the file", got, want)
		}
	}
	domain, err := config.Domain()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(config.Settings(domain), nil, 1000)
	if err != nil || p.Steps != 20 || p.TargetEpsilon != 2 || p.BatchSize != 500 {
		t.Errorf("plan %+v: %v", p, err)
	}
}

// Read knows neither the environment nor the flags of the command line.
func TestReadIsTheFileAlone(t *testing.T) {
	t.Setenv("DPGAN_TRAINING_STEPS", "7")
	if config, _ := mustLoad(t, smallConfig); config.Training.Steps != 0 {
		t.Errorf("steps = %d, want auto", config.Training.Steps)
	}
}

func TestReadRefusesWhatIsNoConfig(t *testing.T) {
	folder := t.TempDir()
	table := filepath.Join(folder, "table.csv")
	if err := os.WriteFile(table, make([]byte, maxBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder:                           "is a folder: name the YAML file",
		table:                            "is this the table?",
		filepath.Join(folder, "no.yaml"): "no such file",
	} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %s", path, err, want)
		}
	}
}

// What nobody declares and nobody pays for has no domain; what is paid for has a stand-in.
func TestDomainRefusesGaps(t *testing.T) {
	text := "data: {path: table.csv, columns: [{name: Age, type: integer}, {name: Sex, type: categorical, values: [F, M]}]}\n"
	config, _ := mustLoad(t, text)
	if _, err := config.Domain(); err == nil || !strings.Contains(err.Error(), `data.columns: column "Age": bounds missing: declare them, or set privacy.discovery.bounds`) {
		t.Errorf("error = %v", err)
	}
	config, _ = mustLoad(t, text+"privacy: {discovery: {bounds: 0.1}}\n")
	if _, err := config.Domain(); err != nil {
		t.Error(err)
	}
}

// A config made in Go is validated without a file.
func TestValidateWithoutAFile(t *testing.T) {
	config := Default()
	if err := config.Validate(nil); err == nil || !strings.Contains(err.Error(), `data.path=""`) {
		t.Errorf("error = %v", err)
	}
	read, _ := mustLoad(t, smallConfig)
	config.Data = read.Data
	if err := config.Validate(nil); err != nil {
		t.Error(err)
	}
	if err := config.ResolvePaths(nil); err != nil || !filepath.IsAbs(config.Runtime.Out) {
		t.Errorf("out = %s: %v", config.Runtime.Out, err)
	}
}

// The columns as SchemaYAML writes them are a config's data section.
func TestSchemaYAMLIsRead(t *testing.T) {
	config, _ := mustLoad(t, string(Medical))
	text, err := SchemaYAML(config.Data.Schema())
	if err != nil {
		t.Fatal(err)
	}
	again, _ := mustLoad(t, string(text)+"  path: table.csv\n")
	if !reflect.DeepEqual(again.Data.Schema(), config.Data.Schema()) {
		t.Errorf("%s\nreads as %+v", text, again.Data.Schema())
	}
}
