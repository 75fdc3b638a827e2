package gan

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func smallModelFile(t testing.TB) []byte {
	t.Helper()
	schema, marginals := smallMarginals(t)
	m := &Model{codec: schema, config: DefaultModelConfig(), marginals: marginals, tensors: Tensors{}}
	m.config.Generator.Latent, m.config.Generator.Hidden = 2, []int{3}
	layout := marginals.layout()
	g := newGeneratorShape(m.config.Generator, layout)
	state := initialState(g, newDiscriminatorShape(m.config.Discriminator, layout), marginals.headBias(layout, 100), 1)
	for _, s := range []*store{&g.parameters, &g.running} {
		for _, e := range s.entries {
			m.tensors[e.name] = state.Tensors[e.name]
		}
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
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
	if _, err := parseModel(whole); err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) {
		if _, err := parseModel(whole[:cut]); err == nil {
			t.Fatalf("a model cut at byte %d of %d was read", cut, len(whole))
		}
	}
	for name, data := range map[string][]byte{
		"text":            []byte("not a model at all, but long enough"),
		"huge header":     append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, whole[8:]...),
		"other format":    bytes.Replace(whole, []byte(modelFormat), []byte("dpgan-model-9"), 1),
		"other dtype":     bytes.Replace(whole, []byte(`"F32"`), []byte(`"F16"`), 1),
		"missing tensor":  bytes.Replace(whole, []byte("generator.heads.bias"), []byte("generator.heads.bial"), 1),
		"negative offset": bytes.Replace(whole, []byte(`"data_offsets":[0,`), []byte(`"data_offsets":[-,`), 1),
	} {
		if _, err := parseModel(data); err == nil {
			t.Errorf("%s: read without complaint", name)
		}
	}
}

func TestLoadModelNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent.safetensors")
	if _, err := LoadModel(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadModel(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

// A file that cannot be written whole leaves nothing, and keeps what was there.
func TestSaveIsWholeOrNotAtAll(t *testing.T) {
	codec, columns := smallTable(t)
	result, err := train(t, context.Background(), smallSettings(t, codec, 8), columns)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "gone")
	if err := result.Model.Save(filepath.Join(folder, "model.safetensors")); err == nil {
		t.Error("saved into a folder that does not exist")
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(folder, "model.safetensors")
	if err := os.MkdirAll(filepath.Join(taken, "inner"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := result.Model.Save(taken); err == nil {
		t.Error("saved over a folder")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func FuzzParseModel(f *testing.F) {
	whole := smallModelFile(f)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseModel(data)
		if err == nil && m.Codec() == nil {
			t.Error("a model without a schema was read")
		}
	})
}
