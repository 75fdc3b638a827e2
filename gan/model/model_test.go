package model

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/device"
	"github.com/dpgan/dpgan/gan/gantest"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/nets"
	"github.com/dpgan/dpgan/tabular"
	"github.com/dpgan/dpgan/tabular/tabulartest"
	"gorgonia.org/tensor"
)

// smallModelFile is the file of a model of two atoms, which was never trained.
func smallModelFile(t testing.TB) []byte {
	t.Helper()
	codec := tabulartest.Compile(t, []tabular.Column{
		{Name: "age", Type: tabular.Integer, Bounds: []any{0, 9}},
		{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M"}},
	})
	m := gantest.Even(false, 10, 2)
	atoms, layout := nets.AtomsConfig{Count: 2, Latent: 2, Hidden: []int{3}}, marginal.Layout(m.Columns)
	initial := nets.Initial(atoms, layout, m.HeadBias(100), &device.PairTables{}, make([][]float32, nets.Means), 1)
	generator := &Generator{Columns: m.Columns, Atoms: atoms, Tensors: nets.Best(atoms, layout, initial)}
	model := &Model{domain: tabulartest.Domain(t, codec), config: nets.DefaultModelConfig(), generator: generator}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A file cut at any byte, or of another kind, is refused with a reason.
func TestDamagedModelsAreRefused(t *testing.T) {
	whole := smallModelFile(t)
	if _, err := parse(whole); err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) {
		if _, err := parse(whole[:cut]); err == nil {
			t.Fatalf("a model cut at byte %d of %d was read", cut, len(whole))
		}
	}
	for name, data := range map[string][]byte{
		"text":            []byte("not a model at all, but long enough"),
		"huge header":     append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, whole[8:]...),
		"other format":    bytes.Replace(whole, []byte(format), []byte("dpgan-model-9"), 1),
		"other dtype":     bytes.Replace(whole, []byte(`"F32"`), []byte(`"F16"`), 1),
		"missing tensor":  bytes.Replace(whole, []byte("generator.heads.bias"), []byte("generator.heads.bial"), 1),
		"negative offset": bytes.Replace(whole, []byte(`"data_offsets":[0,`), []byte(`"data_offsets":[-,`), 1),
	} {
		if _, err := parse(data); err == nil {
			t.Errorf("%s: read without complaint", name)
		}
	}
}

func TestLoadModelNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent.safetensors")
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

// A file that cannot be written whole leaves nothing, and keeps what was there.
func TestSaveIsWholeOrNotAtAll(t *testing.T) {
	good, err := parse(smallModelFile(t))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "gone")
	if err := good.Save(filepath.Join(folder, "model.safetensors")); err == nil {
		t.Error("saved into a folder that does not exist")
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(folder, "model.safetensors")
	if err := os.MkdirAll(filepath.Join(taken, "inner"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := good.Save(taken); err == nil {
		t.Error("saved over a folder")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// metadata edits one part of a model file.
func metadata(t *testing.T, values map[string]string, part string, edit func(map[string]any)) {
	t.Helper()
	var of map[string]any
	if err := json.Unmarshal([]byte(values[part]), &of); err != nil {
		t.Fatal(err)
	}
	edit(of)
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	values[part] = string(text)
}

// A model whose parts do not fit each other is refused with a reason.
func TestMismatchedModelsAreRefused(t *testing.T) {
	good, err := parse(smallModelFile(t))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"format": format}
	for key, part := range map[string]any{"schema": good.Domain().Schema(), "model": good.config, "privacy": good.privacy, "mixture": good.generator} {
		text, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		values[key] = string(text)
	}
	column := func(edit func(map[string]any)) func(map[string]any) {
		return func(m map[string]any) { edit(m["columns"].([]any)[0].(map[string]any)) }
	}
	list := func(name string, edit func([]any) []any) func(map[string]any) {
		return column(func(c map[string]any) { c[name] = edit(c[name].([]any)) })
	}
	shorter := func(x []any) []any { return x[:len(x)-1] }
	set := func(part, key string, value any) func(map[string]any) {
		return func(m map[string]any) { m[part].(map[string]any)[key] = value }
	}
	same := func(map[string]any) {}
	shaped := func(name string, shape ...int) func(nets.Tensors) {
		return func(all nets.Tensors) {
			all[name] = tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
		}
	}
	keep := func(nets.Tensors) {}
	for name, c := range map[string]struct {
		edit    func(map[string]any)
		tensors func(nets.Tensors)
		text    string
	}{
		"nothing changed":         {same, keep, ""},
		"a column less":           {func(m map[string]any) { m["columns"] = shorter(m["columns"].([]any)) }, keep, "columns"},
		"the last code missing":   {list("edges", func(x []any) []any { x[len(x)-1] = x[len(x)-1].(float64) - 1; return x }), keep, "column 0"},
		"the first code missing":  {list("edges", func(x []any) []any { x[0] = 1; return x }), keep, "column 0"},
		"edges that descend":      {list("edges", func(x []any) []any { x[1], x[2] = x[2], x[1]; return x }), keep, "column 0"},
		"an edge less":            {list("edges", shorter), keep, "column 0"},
		"a bin less":              {list("index", shorter), keep, "column 0"},
		"a cell beyond the count": {list("index", func(x []any) []any { x[0] = 1000; return x }), keep, "column 0"},
		"no bins":                 {column(func(c map[string]any) { c["edges"], c["index"] = []any{}, []any{} }), keep, "column 0"},
		"a count of another cut":  {column(func(c map[string]any) { c["count"] = 1000 }), keep, "column 0"},
		"a count below zero":      {column(func(c map[string]any) { c["count"] = -1 }), keep, "column 0"},
		"a share less":            {list("shares", shorter), keep, "column 0"},
		"a noise less":            {list("noise", shorter), keep, "column 0"},
		"a bin's share less":      {list("within", shorter), keep, "column 0"},
		"no atoms":                {set("atoms", "count", 0), keep, "atoms"},
		"atoms without end":       {set("atoms", "count", 1<<40), keep, "atoms"},
		"more atoms than codes":   {set("atoms", "count", 1<<20), keep, "generator.codes"},
		"no latent":               {set("atoms", "latent", 0), keep, "atoms"},
		"another latent":          {set("atoms", "latent", 3), keep, "generator."},
		"a layer of no width":     {set("atoms", "hidden", []int{0}), keep, "atoms"},
		"another layer":           {set("atoms", "hidden", []int{5, 5, 5}), keep, "generator."},
		"no codes":                {same, func(all nets.Tensors) { delete(all, "generator.codes") }, "generator.codes"},
		"codes of another shape":  {same, shaped("generator.codes", 2, 3), "generator.codes"},
		"heads of another width":  {same, shaped("generator.heads.bias", 3), "generator.heads.bias"},
	} {
		tampered, all := maps.Clone(values), maps.Clone(good.generator.Tensors)
		metadata(t, tampered, "mixture", c.edit)
		c.tensors(all)
		var file bytes.Buffer
		if err := WriteSafetensors(&file, all, tampered); err != nil {
			t.Fatal(err)
		}
		_, err := parse(file.Bytes())
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %q", name, err, c.text)
		}
	}
	for name, text := range map[string]string{"nothing": "null", "a list": "[]", "no columns": "{}", "text": "x"} {
		tampered := maps.Clone(values)
		tampered["mixture"] = text
		var file bytes.Buffer
		if err := WriteSafetensors(&file, good.generator.Tensors, tampered); err != nil {
			t.Fatal(err)
		}
		if _, err := parse(file.Bytes()); err == nil {
			t.Errorf("a mixture of %s was read", name)
		}
	}
}

func FuzzParseModel(f *testing.F) {
	whole := smallModelFile(f)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parse(data)
		if err == nil && m.Domain() == nil {
			t.Error("a model without a schema was read")
		}
	})
}
