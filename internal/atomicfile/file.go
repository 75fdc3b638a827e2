package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write puts what write produces at path, or leaves path as it was. Errors of write
// are wrapped.
func Write(path string, write func(io.Writer) error) (err error) {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Discard()) }() // does nothing after Commit
	buffered := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(write(buffered), buffered.Flush()); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return f.Commit()
}

// File is a file that is being written. Commit gives it its name, Discard drops it.
type File struct {
	temporary  *os.File
	path       string                    // with links resolved
	syncFolder func(folder string) error // as the system does it
	done       bool
}

// Create begins the file path. Its error is a *CreateError.
func Create(path string) (*File, error) { return create(path) }

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) { return f.temporary.Write(p) }

// Commit brings the file to disk and puts it in its place. Where that fails it is
// dropped, except for a failure to make the new name durable, which comes last.
func (f *File) Commit() error {
	if f.done {
		return os.ErrClosed
	}
	err := f.temporary.Sync()
	if err == nil {
		err = f.temporary.Close()
	}
	if err == nil {
		err = os.Rename(f.temporary.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot write %s: %w", f.path, err), f.Discard())
	}
	f.done = true
	if err := f.syncFolder(filepath.Dir(f.path)); err != nil {
		return fmt.Errorf("cannot write %s to disk: %w", f.path, err)
	}
	return nil
}

// Discard removes what was written. After Commit, or a Discard, it does nothing, so it
// may be deferred.
func (f *File) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	err := f.temporary.Close()
	if errors.Is(err, os.ErrClosed) { // by Commit
		err = nil
	}
	return errors.Join(err, os.Remove(f.temporary.Name()))
}
