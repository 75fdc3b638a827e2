package configs

import (
	"fmt"
	"path/filepath"
)

// paths are the keys that hold paths. In a config file they are relative to the
// file, elsewhere to the working directory; the resolved config has them absolute.
func (c *Config) paths() map[string]*string {
	return map[string]*string{"data.path": &c.Data.Path, "privacy.ledger": &c.Privacy.Ledger, "runtime.out": &c.Runtime.Out}
}

// ResolvePaths makes every path absolute: those that the file of from set against its
// folder, all others against the working directory.
func (c *Config) ResolvePaths(from *Origins) error {
	for key, path := range c.paths() {
		if *path == "" || filepath.IsAbs(*path) {
			continue
		}
		if from.inFile(key) {
			*path = filepath.Join(filepath.Dir(from.file), *path)
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("%s=%s: %w", key, *path, err)
		}
		*path = absolute
	}
	return nil
}
