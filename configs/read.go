package configs

import (
	"errors"
	"fmt"
	"os"
)

// Read is the config in the file at path, and nothing else: paths in it are relative to
// its folder. Unknown keys, wrong types, duplicate keys, values that no run can have and
// rules that do not fit the columns are errors, all of them reported at once.
func Read(path string) (*Config, error) {
	text, err := ReadText(path)
	if err != nil {
		return nil, err
	}
	tree, from, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	config, err := Decode(tree, from)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(config.Validate(from), config.CheckRules(from)); err != nil {
		return nil, err
	}
	return config, config.ResolvePaths(from)
}

// maxBytes is the most that a config has.
const maxBytes = 4 << 20

// ReadText is the text of the file at path, which has at most 4 MiB: a table given for a
// config by mistake must not fill the memory.
func ReadText(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("config: %s is a folder: name the YAML file", path)
	}
	if info.Size() > maxBytes {
		return nil, fmt.Errorf("config: %s has %d bytes: a config has at most %d; is this the table?", path, info.Size(), maxBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return text, nil
}
