package tabular

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// atomicFile is a file that takes its name only when it is complete.
type atomicFile struct {
	*os.File
	path string
}

// createAttempts is how many random names are tried; one is as good as sure.
const createAttempts = 16

// createAtomic opens a temporary file in the folder of path, since a rename is
// atomic only within one file system.
func createAtomic(path string) (*atomicFile, error) {
	// A link is to go on pointing to the table.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("tabular: %s: not a regular file: write to another path, or to standard output", path)
	}
	dir, base := filepath.Split(path)
	for range createAttempts {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%.8s.tmp", base, rand.Text()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("tabular: cannot create %s: %w", path, err)
		}
		return &atomicFile{File: f, path: path}, nil
	}
	return nil, fmt.Errorf("tabular: cannot create %s: no free temporary name beside it", path)
}

// commit puts the file in its place.
func (f *atomicFile) commit() error {
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("tabular: cannot write %s: %w", f.path, err), f.discard())
	}
	if err := f.Close(); err != nil {
		return errors.Join(fmt.Errorf("tabular: cannot write %s: %w", f.path, err), os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return errors.Join(fmt.Errorf("tabular: cannot write %s: %w", f.path, err), os.Remove(f.Name()))
	}
	// The new name survives a power cut where folders can be synced; elsewhere
	// the file is complete under one name or the other.
	if dir, err := os.Open(filepath.Dir(f.path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}

// discard removes the file.
func (f *atomicFile) discard() error {
	// A second close of the file is no failure of the removal.
	if err := f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Remove(f.Name())
}
