package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/configs"
)

// smallConfig is a config of the keys that have no default.
const smallConfig = `data:
  path: table.csv
  columns:
    - {name: Age, type: integer, bounds: [18, 100]}
    - {name: Sex, type: categorical, values: [F, M]}
`

// load writes text as a config file and loads it.
func load(t *testing.T, text string, src configSources) (*Config, string, error) {
	t.Helper()
	src.file = filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(src.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := loadConfig(src)
	return config, filepath.Dir(src.file), err
}

func mustLoad(t *testing.T, text string, src configSources) (*Config, string) {
	t.Helper()
	config, folder, err := load(t, text, src)
	if err != nil {
		t.Fatalf("loadConfig: %v", err)
	}
	return config, folder
}

func TestMissingSectionsAreDefaults(t *testing.T) {
	got, folder := mustLoad(t, smallConfig+"model:\n", configSources{})
	want := defaultConfig()
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

func TestPrecedence(t *testing.T) {
	const key, variable = "training.steps", "DPGAN_TRAINING_STEPS"
	file := smallConfig + "training: {steps: 11}\n"
	for _, tt := range []struct {
		name    string
		environ string
		set     []string
		flags   []setting
		want    int
	}{
		{name: "file", want: 11},
		{name: "an empty variable counts as unset", environ: variable + "=", want: 11},
		{name: "environment over file", environ: variable + "=22", want: 22},
		{name: "set over environment", environ: variable + "=22", set: []string{key + "=33"}, want: 33},
		{name: "the last set counts", set: []string{key + "=33", key + "=34"}, want: 34},
		{name: "flag over set", environ: variable + "=22", set: []string{key + "=33"}, flags: []setting{{"steps", key, "44"}}, want: 44},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := configSources{set: tt.set, flags: tt.flags}
			if name, value, found := strings.Cut(tt.environ, "="); found {
				t.Setenv(name, value) // viper reads the process's environment
				src.environ = []string{tt.environ}
			}
			config, _ := mustLoad(t, file, src)
			if config.Training.Steps != tt.want {
				t.Errorf("steps = %d, want %d", config.Training.Steps, tt.want)
			}
		})
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
`, configSources{})
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

func TestListsReplaceTheDefault(t *testing.T) {
	// The default holds two widths: a decoder that merges lists would keep one.
	for _, tt := range []struct {
		text string
		set  []string
		want []int
	}{
		{"model: {discriminator: {hidden: [7]}}\n", nil, []int{7}},
		{"model: {discriminator: {hidden: [7]}}\n", []string{"model.discriminator.hidden=[5, 4, 3]"}, []int{5, 4, 3}},
	} {
		config, _ := mustLoad(t, smallConfig+tt.text, configSources{set: tt.set})
		if got := config.Model.Discriminator.Hidden; !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s%s: hidden = %v, want %v", tt.text, tt.set, got, tt.want)
		}
	}
}

func TestAutoIsNil(t *testing.T) {
	src := configSources{set: []string{"privacy.noise_multiplier=1.5", "training.learning_rate=auto"}}
	config, _ := mustLoad(t, smallConfig+"privacy: {noise_multiplier: auto}\ntraining: {discriminator_steps: 4, learning_rate: 0.1}\n", src)
	if n := config.Privacy.NoiseMultiplier; n == nil || *n != 1.5 {
		t.Errorf("noise_multiplier = %v, want 1.5", n)
	}
	if n := config.Training.DiscriminatorSteps; n != 4 {
		t.Errorf("discriminator_steps = %v, want 4", n)
	}
	if config.Training.LearningRate != nil {
		t.Errorf("learning_rate = %v, want nil", *config.Training.LearningRate)
	}
}

func TestPathsAreRelativeToWhereTheyStand(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	config, folder := mustLoad(t, smallConfig+"runtime: {out: runs/}\n", configSources{set: []string{"privacy.ledger=spent.jsonl"}})
	if want := filepath.Join(folder, "table.csv"); config.Data.Path != want {
		t.Errorf("data.path = %s, want %s", config.Data.Path, want)
	}
	if want := filepath.Join(folder, "runs"); config.Runtime.Out != want {
		t.Errorf("runtime.out = %s, want %s", config.Runtime.Out, want)
	}
	if want := filepath.Join(work, "spent.jsonl"); config.Privacy.Ledger != want {
		t.Errorf("privacy.ledger = %s, want %s", config.Privacy.Ledger, want)
	}
}

func TestResolvedConfigLoadsAsTheSame(t *testing.T) {
	for name, text := range map[string][]byte{"medical": configs.Medical, "adult": configs.Adult, "diabetes130": configs.Diabetes130} {
		t.Run(name, func(t *testing.T) {
			config, _ := mustLoad(t, string(text), configSources{})
			resolved, err := config.yaml()
			if err != nil {
				t.Fatal(err)
			}
			again, _ := mustLoad(t, string(resolved), configSources{})
			if !reflect.DeepEqual(config, again) {
				t.Errorf("resolved config:\n%s\nloads as %+v\nnot as   %+v", resolved, again, config)
			}
		})
	}
}

func TestConfigErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		set  string
		env  string
		want string // part of the message
	}{
		{"typo in a section", smallConfig + "privacy: {target_epslion: 3}\n", "", "", `c.yaml:6: unknown key "privacy.target_epslion"; did you mean privacy.target_epsilon?`},
		{"key in the wrong section", smallConfig + "target_delta: 3\n", "", "", `did you mean privacy.target_delta?`},
		{"typo in a column", "data: {path: a.csv, columns: [{nmae: a}]}\n", "", "", `unknown key "data.columns[0].nmae"; did you mean data.columns[0].name?`}, //nolint:misspell // on purpose
		{"keys are lower case", smallConfig + "Privacy: {}\n", "", "", `unknown key "Privacy"; did you mean privacy?`},
		{"nothing like it", smallConfig + "zzzzzzzz: 1\n", "", "", `known here: data, rules, model, privacy, training, runtime`},
		{"twice", smallConfig + "training:\n  steps: 1\n  steps: 2\n", "", "", `c.yaml:8: key "training.steps" is already set in line 7`},
		{"text for a number", smallConfig + "training: {steps: many}\n", "", "", `c.yaml:6: training.steps="many": must be a whole number, or auto`},
		{"quoted number", smallConfig + "training: {steps: '5'}\n", "", "", `training.steps="5": must be a whole number, or auto`},
		{"fraction for a whole number", smallConfig + "training: {steps: 1.5}\n", "", "", `training.steps=1.5: must be a whole number, or auto`},
		{"nothing for a number", smallConfig + "training: {steps: }\n", "", "", `training.steps="": must be a whole number, or auto`},
		{"auto where there is none", smallConfig + "runtime: {checkpoint_every: auto}\n", "", "", `runtime.checkpoint_every="auto": must be a whole number`},
		{"text for auto", smallConfig + "training: {learning_rate: fast}\n", "", "", `must be a number, or auto`},
		{"list for a number", smallConfig + "training: {steps: [1]}\n", "", "", `training.steps=[…]: must be a whole number, or auto`},
		{"number for a list", smallConfig + "model: {discriminator: {hidden: 5}}\n", "", "", `model.discriminator.hidden=5: must be a list`},
		{"wrong type in a list", smallConfig + "model: {discriminator: {hidden: [5, x]}}\n", "", "", `model.discriminator.hidden[1]="x": must be a whole number`},
		{"no widths", smallConfig + "model: {discriminator: {kind: mlp, hidden: []}}\n", "", "", `c.yaml:6: model.discriminator.hidden=[]: must list at least one width, each 1 … 65536`},
		{"no such kind", smallConfig + "model:\n  discriminator:\n    kind: foo\n", "", "", `c.yaml:8: model.discriminator.kind=foo: must be second_order or mlp`},
		{"one atom", smallConfig + "model: {generator: {atoms: 1}}\n", "", "", `c.yaml:6: model.generator.atoms=1: must be 2 … 65536, or auto`},
		{"no atoms", smallConfig, "model.generator.atoms=0", "", `--set: model.generator.atoms=0: must be at least 1, or auto`},
		{"no code", smallConfig + "model: {generator: {latent: -1}}\n", "", "", `c.yaml:6: model.generator.latent=-1: must be 1 … 65536, or auto`},
		{"text for auto atoms", smallConfig + "model: {generator: {atoms: many}}\n", "", "", `model.generator.atoms="many": must be a whole number, or auto`},
		{"a key of earlier versions", smallConfig + "model: {max_modes: 10}\n", "", "", `c.yaml:6: unknown key "model.max_modes", no longer: how finely numbers are cut follows from the noise; leave it out`},
		{"another in set", smallConfig, "training.ema_decay=0.99", "", `--set: unknown key "training.ema_decay", no longer: `},
		{"scalar for a section", smallConfig + "model: 5\n", "", "", `model=5: must be a section`},
		{"list for the whole", "[1, 2]\n", "", "", `config=[…]: must be a section`},
		{"broken YAML", "data: [\n", "", "", `c.yaml: line `},
		{"not a number", smallConfig + "privacy: {target_epsilon: .nan}\n", "", "", `c.yaml:6: privacy.target_epsilon=NaN: must be > 0`},
		{"value out of range", smallConfig + "privacy:\n  target_delta: 1\n", "", "", `c.yaml:7: privacy.target_delta=1: must lie between 0 and 1`},
		{"no data", "privacy: {}\n", "", "", `data.path=""`},
		{"no columns", "data: {path: x.csv}\n", "", "", `data.columns=[]`},
		{"target that is no column", smallConfig[:5] + "\n  target: age" + smallConfig[5:], "", "", `data.target="age": must be the name of a declared column`},
		{"no such device", smallConfig + "runtime: {device: tpu}\n", "", "", `runtime.device="tpu": must be one of auto, cpu, cuda`},
		{"typo in set", smallConfig, "training.step=1", "", `--set: unknown key "training.step"; did you mean training.steps?`},
		{"set without a value", smallConfig, "training.steps", "", `must be key=value`},
		{"set of a section", smallConfig, "training=1", "", `training is a section: set one of its keys, such as training.`},
		{"set of the wrong type", smallConfig, "training.steps=", "", `--set: training.steps="": must be a whole number, or auto`},
		{"set of a bad value", smallConfig, "training.steps=0", "", `--set: training.steps=0: must be at least 1, or auto`},
		{"zero for auto", smallConfig + "training:\n  batch_size: 0\n", "", "", `c.yaml:7: training.batch_size=0: must be at least 1, or auto`},
		{"typo in a variable", smallConfig, "", "DPGAN_TRAINING_STEP=1", `environment variable DPGAN_TRAINING_STEP: unknown key; did you mean DPGAN_TRAINING_STEPS?`},
		{"variable of the wrong type", smallConfig, "", "DPGAN_TRAINING_STEPS=x", `DPGAN_TRAINING_STEPS: training.steps="x": must be a whole number, or auto`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := configSources{}
			if tt.set != "" {
				src.set = []string{tt.set}
			}
			if tt.env != "" {
				src.environ = []string{tt.env}
			}
			_, _, err := load(t, tt.text, src)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v\nwant   %s", err, tt.want)
			}
			if got := exitCode(err); got != exitUsage {
				t.Errorf("exit code = %d, want %d", got, exitUsage)
			}
		})
	}
}

func TestVariablesOfOthersAreLeftAlone(t *testing.T) {
	mustLoad(t, smallConfig, configSources{environ: []string{"DPGAN_LIBCUDA=/usr/lib/libcuda.so.1", "DPGAN_LIBCUBLAS=off", "DPGAN_DATA=/tables", "DATA_PATH=x", "DPGANX=1"}})
}

func TestEveryProblemIsReported(t *testing.T) {
	_, _, err := load(t, smallConfig+"privacy: {target_delta: 2, target_epsilon: -1}\ntraining: {steps: 0}\n", configSources{})
	if got := len(problems(err.(*codedError).err)); got != 3 {
		t.Errorf("%d problems reported, want 3: %v", got, err)
	}
}

// FuzzConfig: whatever the text, the loader neither panics nor accepts a config
// that its own resolved form would not load as the same.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		smallConfig, string(configs.Medical), "", "a: &a [*a]", "data: &d {columns: [*d]}", "{}", "- 1", "? [a]\n: b", "data: !!binary aGk=",
		ruledConfig + "  - {dependency: Age, determines: Band, map: {..17: child, \"a\\nb\": [x, ~, \"\"]}}\n  - {if: {}, then: {A: 1}, shares: {F: .5}, order: [], strict: true}\n  - \n",
		"<<: {data: {}}", "data: {path: 1, columns: [{name: x, type: real, bounds: [0, .inf]}]}", "training: {steps: 99999999999999999999}", "\x00", "%YAML 9",
	} {
		f.Add(text, "training.steps=3")
	}
	f.Add(smallConfig, "model.discriminator.hidden=[1, 2")
	f.Fuzz(func(t *testing.T, text, set string) {
		config, _, err := mergeConfig([]byte(text), configSources{file: "c.yaml", set: []string{set}})
		if err != nil {
			return
		}
		resolved, err := config.yaml()
		if err != nil {
			t.Fatalf("resolve: %v", err)
		}
		again, _, err := mergeConfig(resolved, configSources{file: "c.yaml"})
		if err != nil {
			t.Fatalf("the resolved config does not load: %v\n%s", err, resolved)
		}
		if second, err := again.yaml(); err != nil || string(second) != string(resolved) {
			t.Errorf("resolved twice:\n%s\nonce:\n%s\n(%v)", second, resolved, err)
		}
	})
}
