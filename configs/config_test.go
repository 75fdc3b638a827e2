package configs

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/internal/problems"
)

func TestMissingSectionsAreDefaults(t *testing.T) {
	got, folder := mustLoad(t, smallConfig+"model:\n")
	want := Default()
	want.Data.Path, want.Data.Columns = filepath.Join(folder, "table.csv"), got.Data.Columns
	absolute, err := filepath.Abs(want.Runtime.Out)
	if err != nil {
		t.Fatal(err)
	}
	want.Runtime.Out = absolute
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
}

func TestValuesKeepTheirText(t *testing.T) {
	config, _ := mustLoad(t, `
data:
  path: Table.CSV
  missing: ["", NA, ~x]
  columns:
    - {name: ZIP Code, type: categorical, values: [007, 1.0, yes, TRUE, 0x1F, 2020-01-01]}
    - {name: Day, type: datetime, bounds: [2020-01-01, "2021-01-01"]}
    - {name: Cost, type: real, bounds: [0, 1e6], spike: 0, precision: 2}
`)
	columns := config.Data.Columns
	if got, want := columns[0].Values, []string{"007", "1.0", "yes", "TRUE", "0x1F", "2020-01-01"}; !reflect.DeepEqual(got, want) {
		t.Errorf("values = %q, want %q", got, want)
	}
	if columns[0].Name != "ZIP Code" {
		t.Errorf("name = %q", columns[0].Name)
	}
	if got, want := columns[1].Bounds, []any{"2020-01-01", "2021-01-01"}; !reflect.DeepEqual(got, want) {
		t.Errorf("dates = %v, want %v", got, want)
	}
	if got := columns[2].Spike; len(got) != 1 || got[0] != 0 {
		t.Errorf("spike = %v, want [0]", got)
	}
	if got, want := config.Data.Missing, []string{"", "NA", "~x"}; !reflect.DeepEqual(got, want) {
		t.Errorf("missing = %q, want %q", got, want)
	}
}

func TestResolvedConfigLoadsAsTheSame(t *testing.T) {
	for name, text := range map[string][]byte{"medical": Medical, "adult": Adult, "diabetes130": Diabetes130} {
		t.Run(name, func(t *testing.T) {
			config, _ := mustLoad(t, string(text))
			resolved, err := config.YAML()
			if err != nil {
				t.Fatal(err)
			}
			again, _ := mustLoad(t, string(resolved))
			if !reflect.DeepEqual(config, again) {
				t.Errorf("resolved config:\n%s\nloads as %+v\nnot as   %+v", resolved, again, config)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		want string // part of the message
	}{
		{"typo in a section", smallConfig + "privacy: {target_epslion: 3}\n", `c.yaml:6: unknown key "privacy.target_epslion"; did you mean privacy.target_epsilon?`},
		{"key in the wrong section", smallConfig + "target_delta: 3\n", `did you mean privacy.target_delta?`},
		{"typo in a column", "data: {path: a.csv, columns: [{nmae: a}]}\n", `unknown key "data.columns[0].nmae"; did you mean data.columns[0].name?`}, //nolint:misspell // on purpose
		{"keys are lower case", smallConfig + "Privacy: {}\n", `unknown key "Privacy"; did you mean privacy?`},
		{"nothing like it", smallConfig + "zzzzzzzz: 1\n", `known here: data, rules, model, privacy, training, runtime`},
		{"twice", smallConfig + "training:\n  steps: 1\n  steps: 2\n", `c.yaml:8: key "training.steps" is already set in line 7`},
		{"text for a number", smallConfig + "training: {steps: many}\n", `c.yaml:6: training.steps="many": must be a whole number, or auto`},
		{"quoted number", smallConfig + "training: {steps: '5'}\n", `training.steps="5": must be a whole number, or auto`},
		{"fraction for a whole number", smallConfig + "training: {steps: 1.5}\n", `training.steps=1.5: must be a whole number, or auto`},
		{"nothing for a number", smallConfig + "training: {steps: }\n", `training.steps="": must be a whole number, or auto`},
		{"auto where there is none", smallConfig + "runtime: {checkpoint_every: auto}\n", `runtime.checkpoint_every="auto": must be a whole number`},
		{"text for auto", smallConfig + "training: {learning_rate: fast}\n", `must be a number, or auto`},
		{"list for a number", smallConfig + "training: {steps: [1]}\n", `training.steps=[…]: must be a whole number, or auto`},
		{"number for a list", smallConfig + "model: {discriminator: {hidden: 5}}\n", `model.discriminator.hidden=5: must be a list`},
		{"wrong type in a list", smallConfig + "model: {discriminator: {hidden: [5, x]}}\n", `model.discriminator.hidden[1]="x": must be a whole number`},
		{"no widths", smallConfig + "model: {discriminator: {kind: mlp, hidden: []}}\n", `c.yaml:6: model.discriminator.hidden=[]: must list at least one width, each 1 … 65536`},
		{"no such kind", smallConfig + "model:\n  discriminator:\n    kind: foo\n", `c.yaml:8: model.discriminator.kind=foo: must be second_order or mlp`},
		{"one atom", smallConfig + "model: {generator: {atoms: 1}}\n", `c.yaml:6: model.generator.atoms=1: must be 2 … 65536, or auto`},
		{"no code", smallConfig + "model: {generator: {latent: -1}}\n", `c.yaml:6: model.generator.latent=-1: must be 1 … 65536, or auto`},
		{"text for auto atoms", smallConfig + "model: {generator: {atoms: many}}\n", `model.generator.atoms="many": must be a whole number, or auto`},
		{"a key of earlier versions", smallConfig + "model: {max_modes: 10}\n", `c.yaml:6: unknown key "model.max_modes", no longer: how finely numbers are cut follows from the noise; leave it out`},
		{"scalar for a section", smallConfig + "model: 5\n", `model=5: must be a section`},
		{"list for the whole", "[1, 2]\n", `config=[…]: must be a section`},
		{"broken YAML", "data: [\n", `c.yaml: line `},
		{"not a number", smallConfig + "privacy: {target_epsilon: .nan}\n", `c.yaml:6: privacy.target_epsilon=NaN: must be > 0`},
		{"value out of range", smallConfig + "privacy:\n  target_delta: 1\n", `c.yaml:7: privacy.target_delta=1: must lie between 0 and 1`},
		{"no data", "privacy: {}\n", `data.path=""`},
		{"no columns", "data: {path: x.csv}\n", `data.columns=[]`},
		{"target that is no column", smallConfig[:5] + "\n  target: age" + smallConfig[5:], `data.target="age": must be the name of a declared column`},
		{"no such device", smallConfig + "runtime: {device: tpu}\n", `runtime.device="tpu": must be one of auto, cpu, cuda`},
		{"zero for auto", smallConfig + "training:\n  batch_size: 0\n", `c.yaml:7: training.batch_size=0: must be at least 1, or auto`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := load(t, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v\nwant   %s", err, tt.want)
			}
		})
	}
}

func TestEveryProblemIsReported(t *testing.T) {
	_, _, err := load(t, smallConfig+"privacy: {target_delta: 2, target_epsilon: -1}\ntraining: {steps: 0}\n")
	if got := len(problems.Of(err)); got != 3 {
		t.Errorf("%d problems reported, want 3: %v", got, err)
	}
}

// FuzzRead: whatever the text, reading neither panics nor accepts a config
// that its own resolved form would not read as the same.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		smallConfig, string(Medical), "", "a: &a [*a]", "data: &d {columns: [*d]}", "{}", "- 1", "? [a]\n: b", "data: !!binary aGk=",
		ruledConfig + "  - {dependency: Age, determines: Band, map: {..17: child, \"a\\nb\": [x, ~, \"\"]}}\n  - {if: {}, then: {A: 1}, shares: {F: .5}, order: [], strict: true}\n  - \n",
		"<<: {data: {}}", "data: {path: 1, columns: [{name: x, type: real, bounds: [0, .inf]}]}", "training: {steps: 99999999999999999999}", "\x00", "%YAML 9",
	} {
		f.Add(text, "training.steps=3")
	}
	f.Add(smallConfig, "model.discriminator.hidden=[1, 2")
	f.Fuzz(func(t *testing.T, text, set string) {
		config, _, err := merged("c.yaml", text, set)
		if err != nil {
			return
		}
		resolved, err := config.YAML()
		if err != nil {
			t.Fatalf("resolve: %v", err)
		}
		again, _, err := merged("c.yaml", string(resolved))
		if err != nil {
			t.Fatalf("the resolved config does not load: %v\n%s", err, resolved)
		}
		if second, err := again.YAML(); err != nil || string(second) != string(resolved) {
			t.Errorf("resolved twice:\n%s\nonce:\n%s\n(%v)", second, resolved, err)
		}
	})
}
