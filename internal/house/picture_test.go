package house

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The picture of docs/design.md has the arrows that the packages have, and no others.
func TestPictureIsTheImports(t *testing.T) {
	drawn, imported := drawnArrows(t), map[string]bool{}
	packages := list(t, "-tags", "gpu", "./...")
	leaves := map[string]bool{}
	for _, p := range packages {
		leaves[name(p.ImportPath)] = strings.HasPrefix(name(p.ImportPath), "internal/") &&
			!slices.ContainsFunc(p.Imports, func(path string) bool { return strings.HasPrefix(path, module) })
	}
	for _, p := range packages {
		from := name(p.ImportPath)
		if from == "cmd/dpgan" || leaves[from] || strings.HasSuffix(from, "test") || strings.HasPrefix(from, "cuda/") {
			continue
		}
		for _, path := range p.Imports {
			if to := name(path); (path == module || to != path) && !leaves[to] && !strings.HasPrefix(to, "cuda/") {
				imported[from+" --> "+to] = true
			}
		}
	}
	same(t, "docs/design.md", drawn, imported)
}

// drawnArrows reads the one Mermaid picture of docs/design.md.
func drawnArrows(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	picture := regexp.MustCompile("(?s)```mermaid\n(.*?)```").FindSubmatch(text)
	if picture == nil {
		t.Fatal("docs/design.md has no picture")
	}
	arrows := map[string]bool{}
	for line := range strings.Lines(string(picture[1])) {
		from, to, found := strings.Cut(strings.TrimSpace(line), " --> ")
		if !found {
			continue
		}
		for _, one := range strings.Split(to, " & ") {
			arrows[from+" --> "+one] = true
		}
	}
	return arrows
}
