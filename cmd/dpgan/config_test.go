package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/configs"
	"github.com/dpgan/dpgan/tabular"
)

// smallConfig is a config of the keys that have no default.
const smallConfig = `data:
  path: table.csv
  columns:
    - {name: Age, type: integer, bounds: [18, 100]}
    - {name: Sex, type: categorical, values: [F, M]}
`

// load writes text as a config file and loads it.
func load(t *testing.T, text string, src configSources) (*configs.Config, string, error) {
	t.Helper()
	src.file = filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(src.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := loadConfig(src)
	return config, filepath.Dir(src.file), err
}

func mustLoad(t *testing.T, text string, src configSources) (*configs.Config, string) {
	t.Helper()
	config, folder, err := load(t, text, src)
	if err != nil {
		t.Fatalf("loadConfig: %v", err)
	}
	return config, folder
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

// Keys of mappings keep their case, order and text, which viper alone would not.
func TestRulesFromTheCommandLine(t *testing.T) {
	config, _ := mustLoad(t, smallConfig, configSources{set: []string{"rules=[{if: {Sex: M}, then: {Age: [..020, 077]}}]"}})
	want := configs.RuleList{{If: tabular.Terms{{Name: "Sex", Values: []string{"M"}}}, Then: tabular.Terms{{Name: "Age", Values: []string{"..020", "077"}}}}}
	if !reflect.DeepEqual(config.Rules, want) {
		t.Errorf("%+v", config.Rules)
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
		{"no atoms", smallConfig, "model.generator.atoms=0", "", `--set: model.generator.atoms=0: must be at least 1, or auto`},
		{"another in set", smallConfig, "training.ema_decay=0.99", "", `--set: unknown key "training.ema_decay", no longer: `},
		{"typo in set", smallConfig, "training.step=1", "", `--set: unknown key "training.step"; did you mean training.steps?`},
		{"set without a value", smallConfig, "training.steps", "", `must be key=value`},
		{"set of a section", smallConfig, "training=1", "", `training is a section: set one of its keys, such as training.`},
		{"set of the wrong type", smallConfig, "training.steps=", "", `--set: training.steps="": must be a whole number, or auto`},
		{"set of a bad value", smallConfig, "training.steps=0", "", `--set: training.steps=0: must be at least 1, or auto`},
		{"unknown column in a rule", smallConfig, "rules=[{order: [Age, Agee]}]", "", `--set: tabular: rules[0].order: no column "Agee"`},
		{"mistake in the file", smallConfig + "privacy: {target_epslion: 3}\n", "training.steps=0", "", `c.yaml:6: unknown key "privacy.target_epslion"; did you mean privacy.target_epsilon?`},
		{"value out of range", smallConfig + "privacy:\n  target_delta: 1\n", "", "", `c.yaml:7: privacy.target_delta=1: must lie between 0 and 1`},
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

// FuzzConfig: whatever the text, laying sources over each other neither panics nor accepts
// a config that its own resolved form would not load as the same.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{smallConfig, string(configs.Medical), "", "data: {path: 1, columns: [{name: x, type: real, bounds: [0, .inf]}]}"} {
		f.Add(text, "training.steps=3")
	}
	f.Add(smallConfig, "model.discriminator.hidden=[1, 2")
	f.Add(smallConfig, "rules=[{if: {Sex: M}, then: {Age: [..17, missing]}}]")
	f.Fuzz(func(t *testing.T, text, set string) {
		config, _, err := mergeConfig([]byte(text), configSources{file: "c.yaml", set: []string{set}})
		if err != nil {
			return
		}
		resolved, err := config.YAML()
		if err != nil {
			t.Fatalf("resolve: %v", err)
		}
		again, _, err := mergeConfig(resolved, configSources{file: "c.yaml"})
		if err != nil {
			t.Fatalf("the resolved config does not load: %v\n%s", err, resolved)
		}
		if second, err := again.YAML(); err != nil || string(second) != string(resolved) {
			t.Errorf("resolved twice:\n%s\nonce:\n%s\n(%v)", second, resolved, err)
		}
	})
}
