package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

var errBroken = errors.New("broken")

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// holds fails unless folder has exactly files, given as name and content in turn.
func holds(t *testing.T, folder string, files ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(files)/2 {
		t.Errorf("%s holds %v: want %d files", folder, entries, len(files)/2)
	}
	for i := 0; i < len(files); i += 2 {
		got, err := os.ReadFile(filepath.Join(folder, files[i]))
		if err != nil || string(got) != files[i+1] {
			t.Errorf("%s holds %q (%v): want %q", files[i], got, err, files[i+1])
		}
	}
}

func TestWriteReplaces(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a")
	for _, content := range []string{"old", "new"} {
		if err := Write(path, text(content)); err != nil {
			t.Fatal(err)
		}
		holds(t, folder, "a", content)
	}
}

func TestNameAppearsWithCommit(t *testing.T) {
	folder := t.TempDir()
	f, err := Create(filepath.Join(folder, "a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("before Commit: %v: want no such file", err)
	}
	if err := errors.Join(text("whole")(f), f.Commit(), f.Discard()); err != nil {
		t.Fatal(err)
	}
	holds(t, folder, "a", "whole")
	if err := f.Commit(); err == nil {
		t.Error("a second Commit succeeds")
	}
}

func TestFailedWriteLeavesWhatWas(t *testing.T) {
	fails := map[string]func(path string) error{
		"write": func(path string) error {
			return Write(path, func(w io.Writer) error { return errors.Join(text("half")(w), errBroken) })
		},
		"panic": func(path string) (err error) {
			defer func() { err, _ = recover().(error) }()
			return Write(path, func(io.Writer) error { panic(errBroken) })
		},
		"discard": func(path string) error {
			f, err := Create(path)
			if err != nil {
				return err
			}
			return errors.Join(text("half")(f), f.Discard(), errBroken)
		},
	}
	for name, fail := range fails {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "a")
			if err := fail(path); !errors.Is(err, errBroken) {
				t.Errorf("error %v: want %v", err, errBroken)
			}
			holds(t, folder)
			if err := Write(path, text("old")); err != nil {
				t.Fatal(err)
			}
			if err := fail(path); !errors.Is(err, errBroken) {
				t.Errorf("error %v: want %v", err, errBroken)
			}
			holds(t, folder, "a", "old")
		})
	}
}

func TestFailedCommitLeavesWhatWas(t *testing.T) {
	folder := t.TempDir()
	f, err := Create(filepath.Join(folder, "a"))
	if err != nil {
		t.Fatal(err)
	}
	// A folder that holds something cannot be replaced by a file.
	if err := errors.Join(os.Mkdir(f.path, 0o755), os.Mkdir(filepath.Join(f.path, "b"), 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil {
		t.Error("a file takes the place of a folder")
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 || !entries[0].IsDir() {
		t.Errorf("%v is left (%v): want the folder alone", entries, err)
	}
}

func TestFolderIsSyncedOnceNamed(t *testing.T) {
	for _, broken := range []error{nil, errBroken} {
		folder := t.TempDir()
		f, err := Create(filepath.Join(folder, "a"))
		if err != nil {
			t.Fatal(err)
		}
		var synced []string
		f.syncFolder = func(folder string) error {
			holds(t, folder, "a", "new")
			synced = append(synced, folder)
			return broken
		}
		if err := errors.Join(text("new")(f), f.Commit()); !errors.Is(err, broken) {
			t.Errorf("error %v: want %v", err, broken)
		}
		if len(synced) != 1 || synced[0] != folder {
			t.Errorf("synced %q: want %q", synced, folder)
		}
	}
	if err := syncFolder(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := syncFolder(filepath.Join(t.TempDir(), "none")); err == nil && runtime.GOOS != "windows" {
		t.Error("a folder that is not there is synced")
	}
}
