package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/dpgan/dpgan"

// listed is a package as go list tells it.
type listed struct {
	ImportPath string
	Dir        string
	Export     string
	GoFiles    []string
	Imports    []string
}

// name is the path of a package below the module, dpgan for its root.
func name(path string) string {
	if path == module {
		return "dpgan"
	}
	return strings.TrimPrefix(path, module+"/")
}

// list are packages as go list tells them.
func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Export,GoFiles,Imports"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// same wants a document to tell of exactly what is found.
func same(t *testing.T, document string, told, found map[string]bool) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(found)) {
		if !told[what] {
			t.Errorf("%s is not in %s", what, document)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(told)) {
		if !found[what] {
			t.Errorf("%s is in %s, but not in the code", what, document)
		}
	}
}
