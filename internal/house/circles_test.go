package house

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a room of gan may be: files that refer to each other in a circle, files, lines of a
// file, lines of a function.
const mostInCircle, mostFiles, mostLines, mostOfFunction = 5, 30, 250, 60

// A reader can take the files of a room one after the other, and each at a glance.
func TestRoomsAreReadable(t *testing.T) {
	exports := map[string]string{}
	for _, p := range list(t, "-deps", "-export", "./gan/...") {
		exports[p.ImportPath] = p.Export
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	for _, p := range list(t, "./gan/...") {
		if len(p.GoFiles) > mostFiles {
			t.Errorf("%s has %d files", name(p.ImportPath), len(p.GoFiles))
		}
		set := token.NewFileSet()
		var files []*ast.File
		for _, path := range p.GoFiles {
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, path), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
			sizes(t, set, file)
		}
		info := types.Info{Uses: map[*ast.Ident]types.Object{}}
		config := types.Config{Importer: importer.ForCompiler(set, "gc", open)}
		own, err := config.Check(p.ImportPath, set, files, &info)
		if err != nil {
			t.Fatal(err)
		}
		for _, circle := range circles(references(set, own, &info)) {
			if len(circle) > mostInCircle {
				t.Errorf("%s: %d files refer to each other in a circle: %s", name(p.ImportPath), len(circle), strings.Join(circle, ", "))
			}
		}
	}
}

// sizes reports a file and functions that are too long.
func sizes(t *testing.T, set *token.FileSet, file *ast.File) {
	t.Helper()
	where := set.Position(file.Package).Filename
	if lines := set.File(file.Package).LineCount(); lines > mostLines {
		t.Errorf("%s has %d lines", where, lines)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; lines > mostOfFunction {
			t.Errorf("%s: %s has %d lines", where, f.Name.Name, lines)
		}
	}
}

// references are, by file, the files of own in which something stands that it uses, fields
// apart.
func references(set *token.FileSet, own *types.Package, info *types.Info) map[string]map[string]bool {
	graph := map[string]map[string]bool{}
	file := func(at token.Pos) string { return filepath.Base(set.Position(at).Filename) }
	for identifier, used := range info.Uses {
		if v, ok := used.(*types.Var); used.Pkg() != own || ok && v.IsField() {
			continue
		}
		from, to := file(identifier.Pos()), file(used.Pos())
		if graph[from] == nil {
			graph[from] = map[string]bool{}
		}
		if from != to {
			graph[from][to] = true
		}
	}
	return graph
}

// circles are the strongly connected components of more than one node (Tarjan 1972).
func circles(graph map[string]map[string]bool) (out [][]string) {
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(v string)
	visit = func(v string) {
		index[v] = len(index) + 1
		low[v], on[v], stack = index[v], true, append(stack, v)
		for w := range graph[v] {
			if index[w] == 0 {
				visit(w)
			}
			if on[w] {
				low[v] = min(low[v], low[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		at := slices.Index(stack, v)
		for _, w := range stack[at:] {
			on[w] = false
		}
		if len(stack)-at > 1 {
			out = append(out, slices.Sorted(slices.Values(stack[at:])))
		}
		stack = stack[:at]
	}
	for _, v := range slices.Sorted(maps.Keys(graph)) {
		if index[v] == 0 {
			visit(v)
		}
	}
	return out
}

// The check itself finds circles, and only circles.
func TestCircles(t *testing.T) {
	to := func(files ...string) map[string]bool {
		out := map[string]bool{}
		for _, f := range files {
			out[f] = true
		}
		return out
	}
	got := circles(map[string]map[string]bool{"a": to("b", "d"), "b": to("c"), "c": to("a"), "d": to("e"), "e": to()})
	if len(got) != 1 || !slices.Equal(got[0], []string{"a", "b", "c"}) {
		t.Errorf("%v, want one circle of a, b, c", got)
	}
}
