package accounting

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// file is what a ledger needs of an os.File.
type file interface {
	io.ReadWriteSeeker
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// disk opens files; a test watches what is done to them, and in which order.
type disk interface {
	// open opens or makes the file at path and locks it.
	open(path string) (file, error)
	// syncFolder makes the making of a file in folder durable.
	syncFolder(folder string) error
}

// osDisk is the operating system's.
type osDisk struct{}

func (osDisk) open(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("accounting: ledger: %w", err)
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("accounting: ledger %s: in use by another run: wait for it to end: %w", path, err), f.Close())
	}
	return f, nil
}

func (osDisk) syncFolder(folder string) error { return syncFolder(folder) }
