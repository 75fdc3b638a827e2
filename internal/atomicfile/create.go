package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CreateError says why no file can be made at a path. Nothing has changed then.
type CreateError struct {
	Path string
	Err  error
}

// Error implements error.
func (e *CreateError) Error() string { return fmt.Sprintf("cannot create %s: %s", e.Path, e.Err) }

// Unwrap is the reason.
func (e *CreateError) Unwrap() error { return e.Err }

// errIrregular refuses what a rename would replace by a file.
var errIrregular = errors.New("not a regular file: write to another path, or to standard output")

// create opens a temporary file beside the target of path; all its errors are
// CreateErrors.
func create(path string) (*File, error) {
	target, mode, err := resolve(path)
	if err != nil {
		return nil, &CreateError{path, reason(err)}
	}
	temporary, err := openTemporary(target)
	if err != nil {
		return nil, &CreateError{path, reason(err)}
	}
	f := &File{temporary: temporary, path: target, syncFolder: syncFolder}
	if mode != 0 {
		if err := temporary.Chmod(mode); err != nil {
			return nil, errors.Join(&CreateError{path, reason(err)}, f.Discard())
		}
	}
	return f, nil
}

// resolve is where path leads, through links whose end need not exist yet, and the mode
// of the file there, or 0.
func resolve(path string) (target string, mode fs.FileMode, err error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return "", 0, errIrregular
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return "", 0, err
	}
	// Stat has followed all links, so there is no loop of them.
	for {
		link, err := os.Readlink(path)
		if err != nil {
			return path, mode, nil
		}
		if !filepath.IsAbs(link) {
			// Not Join, which would drop "x/.." where x is a link itself.
			link = filepath.Dir(path) + string(filepath.Separator) + link
		}
		path = link
	}
}

// openTemporary opens a new file beside path, with the mode that a new file gets.
func openTemporary(path string) (*os.File, error) {
	const attempts = 16 // one is as good as sure
	folder, base := filepath.Split(path)
	var err error
	for range attempts {
		var f *os.File
		name := folder + fmt.Sprintf(".%s.%.8s.tmp", base, rand.Text())
		if f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, err
}

// reason is err without the name of the temporary file.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
