package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/decisions.md lists the numbers of gan's rooms as they are, and no others.
func TestDecisionsAreListed(t *testing.T) {
	text, err := os.ReadFile("../../docs/decisions.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (gan\\S*) \\| (\\w+) \\| `(.*?)` \\|").FindAllStringSubmatch(string(text), -1) {
		told[row[1]+" "+row[2]+" = "+row[3]] = true
	}
	found := map[string]bool{}
	for _, p := range list(t, "./gan/...") {
		if room := name(p.ImportPath); room != "gan/reference" && room != "gan/gantest" {
			for _, path := range p.GoFiles {
				numbers(t, room, filepath.Join(p.Dir, path), found)
			}
		}
	}
	same(t, "docs/decisions.md", told, found)
}

// numbers enters the constants of the file at path that are neither texts nor counted.
func numbers(t *testing.T, room, path string, into map[string]bool) {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		d, ok := n.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			return true
		}
		for _, spec := range d.Specs {
			v := spec.(*ast.ValueSpec)
			for i, value := range v.Values {
				text := string(source[set.Position(value.Pos()).Offset:set.Position(value.End()).Offset])
				if !strings.HasPrefix(text, `"`) && !strings.Contains(text, "iota") {
					into[room+" "+v.Names[i].Name+" = "+text] = true
				}
			}
		}
		return true
	})
}
