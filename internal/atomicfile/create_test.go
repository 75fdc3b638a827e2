package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestLinksGoOnPointing(t *testing.T) {
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "real", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"deep":     filepath.Join("real", "deep"), // whose parent is not folder
		"relative": filepath.Join("real", "b"),
		"absolute": filepath.Join(folder, "real", "b"),
		"chain":    "relative",
	} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	if err := os.Symlink(filepath.Join("..", "b"), filepath.Join(folder, "deep", "up")); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"relative", "absolute", "chain", filepath.Join("deep", "up")} {
		// Once to a file that is not there yet, once to one that is.
		for _, content := range []string{"first", "second"} {
			path := filepath.Join(folder, link)
			if err := Write(path, text(content)); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
				t.Errorf("%s is no link any more (%v)", link, err)
			}
			if got, err := os.ReadFile(filepath.Join(folder, "real", "b")); err != nil || string(got) != content {
				t.Errorf("behind %s: %q (%v): want %q", link, got, err, content)
			}
		}
		if err := os.Remove(filepath.Join(folder, "real", "b")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	folder := t.TempDir()
	usual, err := os.Create(filepath.Join(folder, "usual"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := usual.Stat()
	if err = errors.Join(err, usual.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "a")
	want := info.Mode() // 0o666 without the umask
	for _, change := range []os.FileMode{0, 0o600, 0o640} {
		if change != 0 {
			if err := os.Chmod(path, change); err != nil {
				t.Fatal(err)
			}
			want = change
		}
		if err := Write(path, text("x")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("mode %v (%v): want %v", info.Mode(), err, want)
		}
	}
}

func TestCreateErrors(t *testing.T) {
	folder := t.TempDir()
	loop := filepath.Join(folder, "loop")
	cases := map[string]string{
		folder:                              "not a regular file",
		filepath.Join(folder, "none", "a"):  "cannot create " + filepath.Join(folder, "none", "a") + ": ",
		filepath.Join(folder, "none") + "/": "cannot create ",
	}
	if runtime.GOOS != "windows" {
		cases[os.DevNull] = "not a regular file"
	}
	if err := os.Symlink(loop, loop); err == nil {
		cases[loop] = "links"
	}
	for path, want := range cases {
		err := Write(path, text("x"))
		if place := (*CreateError)(nil); !errors.As(err, &place) || place.Path != path || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v: want a CreateError with %q", path, err, want)
		}
		if err != nil && strings.Contains(err.Error(), ".tmp") {
			t.Errorf("%s: error %v names the temporary file", path, err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "loop" {
			t.Errorf("%s is left", e.Name())
		}
	}
}
