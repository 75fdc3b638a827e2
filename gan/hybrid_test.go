package gan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/tabular"
	"gorgonia.org/tensor"
)

// hybridSettings are smallSettings with the budget split between tables and a
// discriminator.
func hybridSettings(t *testing.T, codec *tabular.Codec, seed uint64, marginals, discriminator float64) Settings {
	t.Helper()
	s := smallSettings(t, codec, seed)
	s.Privacy.Budget.Marginals, s.Privacy.Budget.Discriminator = &marginals, &discriminator
	return s
}

// A run over tables, with a discriminator and without, keeps its target, and its
// model samples the same rows when read back.
func TestHybridTrainSaveLoadSample(t *testing.T) {
	codec, columns := smallTable(t)
	for _, c := range []struct {
		marginals, discriminator float64
		steps                    int
	}{{1, 0, 0}, {0.7, 0.3, 12}} {
		s := hybridSettings(t, codec, 11, c.marginals, c.discriminator)
		result, err := train(t, context.Background(), s, columns)
		if err != nil {
			t.Fatal(err)
		}
		if result.Epsilon > result.TargetEpsilon || result.Epsilon < 0.95*result.TargetEpsilon || result.Steps != c.steps || result.StoppedBy != "steps" {
			t.Errorf("%+v: spent %g of %g in %d steps, stopped by %s", c, result.Epsilon, result.TargetEpsilon, result.Steps, result.StoppedBy)
		}
		if judged := result.Model.mixture.Discriminator != nil; judged != (c.steps > 0) {
			t.Errorf("%+v: the model has a discriminator: %v", c, judged)
		}
		loaded := throughFile(t, result.Model)
		before, after := sample(t, result.Model, 9, 200), sample(t, loaded, 9, 200)
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%+v: a loaded model samples other rows", c)
		}
		if reflect.DeepEqual(after, sample(t, loaded, 10, 200)) {
			t.Errorf("%+v: another seed gives the same rows", c)
		}
		for j := range after {
			for _, code := range after[j] {
				if code >= codec.Size(j) {
					t.Errorf("%+v: column %d: code %d of %d", c, j, code, codec.Size(j))
				}
			}
		}
	}
}

// A hybrid run that is interrupted, while it fits the tables or later, goes on
// from its checkpoint, and the parts together spend no more than the target.
func TestHybridInterruptAndResume(t *testing.T) {
	codec, columns := smallTable(t)
	for _, stage := range []string{"tables", "discriminator"} {
		s := hybridSettings(t, codec, 12, 0.7, 0.3)
		noise := 20.0 // given, to save the search
		s.Privacy.NoiseMultiplier = &noise
		ctx, cancel := context.WithCancel(context.Background())
		s.Observe = func(p Progress) {
			if p.Stage == stage {
				cancel()
			}
		}
		if _, err := train(t, ctx, s, columns); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: an interrupted run returned %v", stage, err)
		}
		c, err := loadCheckpoint(s.Directory)
		if err != nil || c == nil || c.Joint == nil {
			t.Fatalf("%s: checkpoint %+v, %v", stage, c, err)
		}
		if fitted, stepped := c.Atoms != nil, c.DiscriminatorSteps > 0; fitted != (stage == "discriminator") || stepped != fitted {
			t.Errorf("%s: atoms %+v after %d steps", stage, c.Atoms, c.DiscriminatorSteps)
		}
		seen := map[string]bool{}
		s.Observe, s.Resume = func(p Progress) { seen[p.Stage] = true }, true
		result, err := train(t, context.Background(), s, columns)
		if err != nil {
			t.Fatalf("%s: %v", stage, err)
		}
		if result.Steps != 12 || result.Epsilon > result.TargetEpsilon || result.Model.Privacy().Steps != 12 {
			t.Errorf("%s, resumed: %d steps, stated %d, ε %g of %g", stage, result.Steps, result.Model.Privacy().Steps, result.Epsilon, result.TargetEpsilon)
		}
		if again := seen["tables"]; again != (stage == "tables") {
			t.Errorf("%s: the tables were fitted again: %v", stage, again)
		}
		s.Model.Discriminator.Hidden = []int{9}
		if _, err := train(t, context.Background(), s, columns); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: a checkpoint of another discriminator was resumed: %v", stage, err)
		}
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

// A hybrid model whose parts do not fit each other is refused with a reason.
func TestMismatchedHybridModelsAreRefused(t *testing.T) {
	codec, columns := smallTable(t)
	s, noise := hybridSettings(t, codec, 13, 0.7, 0.3), 20.0
	s.Privacy.NoiseMultiplier = &noise // given, to save the search
	result, err := train(t, context.Background(), s, columns)
	if err != nil {
		t.Fatal(err)
	}
	good := throughFile(t, result.Model)
	values := map[string]string{"format": modelFormat}
	for key, part := range map[string]any{"schema": good.codec.Schema(), "model": good.config, "privacy": good.privacy, "mixture": good.mixture} {
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
	shaped := func(name string, shape ...int) func(Tensors) {
		return func(all Tensors) {
			all[name] = tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
		}
	}
	keep := func(Tensors) {}
	for name, c := range map[string]struct {
		edit    func(map[string]any)
		tensors func(Tensors)
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
		"another discriminator":   {set("discriminator", "hidden", []int{9}), keep, "discriminator."},
		"a discriminator of none": {set("discriminator", "hidden", []int{}), keep, "discriminator"},
		"no codes":                {same, func(all Tensors) { delete(all, "generator.codes") }, "generator.codes"},
		"codes of another shape":  {same, shaped("generator.codes", 2, 2), "generator.codes"},
		"heads of another width":  {same, shaped("generator.heads.bias", 3), "generator.heads.bias"},
		"no whitening":            {same, func(all Tensors) { delete(all, whiteningWeight) }, whiteningWeight},
		"a whitening of one row":  {same, shaped(whiteningWeight, 4), whiteningWeight},
		"a whitening too wide":    {same, shaped(whiteningBias, 100), whiteningWeight},
		"whitening other cells": {same, func(all Tensors) {
			shaped(whiteningWeight, 2, all[whiteningBias].Shape()[0])(all)
		}, "does not fit"},
	} {
		tampered, all := maps.Clone(values), maps.Clone(good.tensors)
		metadata(t, tampered, "mixture", c.edit)
		c.tensors(all)
		var file bytes.Buffer
		if err := writeSafetensors(&file, all, tampered); err != nil {
			t.Fatal(err)
		}
		_, err := parseModel(file.Bytes())
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %q", name, err, c.text)
		}
	}
	for name, text := range map[string]string{"nothing": "null", "a list": "[]", "no columns": "{}", "text": "x"} {
		tampered := maps.Clone(values)
		tampered["mixture"] = text
		var file bytes.Buffer
		if err := writeSafetensors(&file, good.tensors, tampered); err != nil {
			t.Fatal(err)
		}
		if _, err := parseModel(file.Bytes()); err == nil {
			t.Errorf("a mixture of %s was read", name)
		}
	}
}

// A table of one column has no pairs: its frequencies are those of the paid table.
func TestTablesOfOneColumn(t *testing.T) {
	schema := tabular.Schema{Columns: []tabular.Column{{Name: "sex", Type: tabular.Categorical, Values: []string{"F", "M", "X"}}}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	s := hybridSettings(t, codec, 3, 1, 0)
	s.Privacy.TargetEpsilon = 20
	column := make([]uint32, 3000)
	for i := range column {
		column[i] = min(uint32(i)%10/7, 1) // 70 % F, 30 % M
	}
	result, err := train(t, context.Background(), s, [][]uint32{column})
	if err != nil {
		t.Fatal(err)
	}
	often := make([]float64, 3)
	for _, code := range sample(t, result.Model, 1, 3000)[0] {
		often[code] += 1.0 / 3000
	}
	for k, want := range []float64{0.7, 0.3, 0} {
		if math.Abs(often[k]-want) > 0.01 {
			t.Errorf("value %d has a share of %.3f, want %.3f", k, often[k], want)
		}
	}
}

// A sample that is drawn in blocks shares no block with that of the next seed.
func TestBlocksOfSeedsDiffer(t *testing.T) {
	codec, columns := smallTable(t)
	result, err := train(t, context.Background(), hybridSettings(t, codec, 5, 1, 0), columns)
	if err != nil {
		t.Fatal(err)
	}
	const rows = RefinedRows + blockRows // more than are refined together
	one, two := sample(t, result.Model, 1, rows), sample(t, result.Model, 2, rows)
	for j := range one {
		if codec.Size(j) > 10 && reflect.DeepEqual(one[j][blockRows:2*blockRows], two[j][:blockRows]) {
			t.Errorf("column %d: the second block of seed 1 is the first of seed 2", j)
		}
	}
}
