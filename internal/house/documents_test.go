package house

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// A file that a document names is there.
func TestDocumentsNameFilesThatExist(t *testing.T) {
	root := "../.."
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "bench/*/*.md"} {
		some, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, some...)
	}
	if len(pages) < 10 {
		t.Fatalf("only %v", pages)
	}
	named := regexp.MustCompile("`((?:[a-z_]+/)+[a-z0-9_]+\\.(?:go|cu|yaml|py|sh))`|\\]\\(([^)#:]+)(?:#[^)]*)?\\)")
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range named.FindAllStringSubmatch(string(text), -1) {
			path := filepath.Join(root, found[1])
			if found[1] == "" {
				path = filepath.Join(filepath.Dir(page), found[2])
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s names %s, which is not there", page, path)
			}
		}
	}
}
