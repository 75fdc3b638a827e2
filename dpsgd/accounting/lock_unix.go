//go:build unix

package accounting

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes the exclusive lock of an open file, which ends when it is
// closed or its process dies.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

// syncFolder makes the making of a file in folder durable.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("accounting: ledger: %w", err)
	}
	defer d.Close() //nolint:errcheck // nothing was written through it
	return d.Sync()
}
