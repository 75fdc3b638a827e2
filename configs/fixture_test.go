package configs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallConfig is a config of the keys that have no default.
const smallConfig = `data:
  path: table.csv
  columns:
    - {name: Age, type: integer, bounds: [18, 100]}
    - {name: Sex, type: categorical, values: [F, M]}
`

// load writes text as a config file and reads it, with set, each key=value, laid over it.
func load(t *testing.T, text string, set ...string) (*Config, string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if len(set) == 0 {
		config, err := Read(file)
		return config, filepath.Dir(file), err
	}
	config, from, err := merged(file, text, set...)
	if err == nil {
		err = errors.Join(config.Validate(from), config.CheckRules(from), config.ResolvePaths(from))
	}
	return config, filepath.Dir(file), err
}

// merged decodes text with set laid over it.
func merged(file, text string, set ...string) (*Config, *Origins, error) {
	tree, from, err := Parse(file, []byte(text))
	for _, pair := range set {
		key, value, _ := strings.Cut(pair, "=")
		if fault := from.Set("--set", key, value); fault != nil || err != nil {
			err = errors.Join(err, fault)
			continue
		}
		section, names := tree, strings.Split(key, ".")
		for _, name := range names[:len(names)-1] {
			below, ok := section[name].(map[string]any)
			if !ok {
				below = map[string]any{}
				section[name] = below
			}
			section = below
		}
		section[names[len(names)-1]] = value
	}
	if err != nil {
		return nil, nil, err
	}
	config, err := Decode(tree, from)
	return config, from, err
}

func mustLoad(t *testing.T, text string, set ...string) (*Config, string) {
	t.Helper()
	config, folder, err := load(t, text, set...)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return config, folder
}
