package accounting

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes the exclusive lock of an open file, which ends when it is
// closed or its process dies. The locked range lies beyond any content, so that
// readers are not kept out.
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	beyond := &windows.Overlapped{OffsetHigh: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, beyond)
}

// syncFolder does nothing: Windows keeps file names durable by itself.
func syncFolder(string) error { return nil }
