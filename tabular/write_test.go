package tabular

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A table appears whole or not at all, and leaves no other file behind.
func TestWriterIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.csv")
	c := compile(t, Schema{Columns: []Column{{Name: "a", Type: Integer, Bounds: []any{0, 9}}}})
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(path, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write([][]uint32{{1, 2}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([][]uint32{{1}}); err == nil {
		t.Error("Write after Abort: no error")
	}
	if text, _ := os.ReadFile(path); string(text) != "old" {
		t.Errorf("after Abort: %q", text)
	}
	if w, err = NewWriter(path, c); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write([][]uint32{{1, 2}}), w.Close(), w.Close(), w.Abort()); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "a\n1\n2\n" {
		t.Errorf("after Close: %q", text)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left, want 1", len(files))
	}
}

// A link goes on pointing to the table that replaces its target.
func TestWriterFollowsLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights on windows")
	}
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.csv"), filepath.Join(dir, "link.csv")
	if err := errors.Join(os.WriteFile(target, nil, 0o600), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	c := compile(t, Schema{Columns: []Column{{Name: "a", Type: Integer, Bounds: []any{0, 9}}}})
	writeAll(t, link, c, [][]uint32{{3}})
	if text, _ := os.ReadFile(target); string(text) != "a\n3\n" {
		t.Errorf("target holds %q", text)
	}
}

func TestWriterErrors(t *testing.T) {
	c := compile(t, Schema{Columns: []Column{
		{Name: "a", Type: Integer, Bounds: []any{0, 9}}, {Name: "b", Type: Boolean},
	}})
	for _, path := range []string{"t.txt", filepath.Join(t.TempDir(), "no", "t.csv"), filepath.Join(t.TempDir(), "t.xlsx")} {
		if _, err := NewWriter(path, c); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	w := NewStreamWriter(&bytes.Buffer{}, c)
	for fault, columns := range map[string][][]uint32{
		"learned columns": {{1}},
		"rows=1":          {{1, 2}, {1}},
		"code=10":         {{1, 10}, {0, 0}},
		"code=2":          {{1}, {2}},
	} {
		if err := w.Write(columns); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%v: %v, want %q", columns, err, fault)
		}
	}
	broken := NewStreamWriter(brokenPipe{}, c)
	err := errors.Join(broken.Write([][]uint32{{1}, {1}}), broken.Close())
	if !errors.Is(err, errBroken) {
		t.Errorf("broken pipe: %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }
