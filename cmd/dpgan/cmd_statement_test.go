package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/tabular"
)

// exampleSheet is of a model that has everything: all stages, discovery, rules.
func exampleSheet(insecure bool) *sheet {
	event := func(m accounting.Mechanism, noise, rate, delta float64, count int, stage, purpose string, alone float64) model.PricedEvent {
		return model.PricedEvent{Event: accounting.Event{Mechanism: m, NoiseMultiplier: noise, SampleRate: rate, Delta: delta, Count: count, Stage: stage, Purpose: purpose}, EpsilonAlone: alone}
	}
	p := model.Statement{Epsilon: 2.99981, Delta: 1e-5, Adjacency: "add or remove one row", Rule: "filter: what was discovered set up what followed, so epsilon is the target, which fully adaptive composition under Gaussian differential privacy keeps (arXiv 2210.17520, 2209.15596)", Accountant: "pld", EpsilonPLD: 2.99981, EpsilonRDP: 3.3881,
		TargetEpsilon: 3, RowCount: "discovered", SampleRate: 0.03413, NoiseMultiplier: 1.003, MaxGradNorm: 1, Steps: 1000, Insecure: insecure,
		Events: []model.PricedEvent{
			event(accounting.PartitionSelection, 0, 0, 3e-7, 3, "discovery", "categories", 0),
			event(accounting.Gaussian, 88.1, 0, 0, 3, "discovery", "categories", 0.08),
			event(accounting.DiscreteLaplace, 100, 0, 0, 1, "discovery", "row_count", 0.01),
			event(accounting.Gaussian, 27.98, 0, 0, 14, "marginals", "1-way tables", 0.4676),
			event(accounting.Gaussian, 15.65, 0, 0, 78, "marginals", "joint tables", 2.283),
			event(accounting.PoissonGaussian, 1.003, 0.03413, 0, 1000, "discriminator", "DP-SGD steps", 1.861),
		},
		Warnings: []string{"target_delta=1e-05 is not below 1/rows: publishing a whole random row would satisfy it; use a smaller one"},
		Found:    []marginal.FoundRule{{Rule: "a determines b"}}}
	if insecure {
		p.Warnings = append(p.Warnings, model.InsecureWarning)
	}
	schema := tabular.Schema{Columns: []tabular.Column{{Name: "who", Type: tabular.ID}, {Name: "age", Type: tabular.Integer},
		{Name: "a", Type: tabular.Categorical}, {Name: "b", Type: tabular.Categorical}, {Name: "day", Type: tabular.Datetime}}}
	return sheetOf("run/model.safetensors", marginal.ModeGAN, p, schema, 4)
}

// The mode is told by what was paid for: the purposes of the noisy tables, and whether
// steps were planned.
func TestModeOfAModel(t *testing.T) {
	for _, tt := range []struct {
		want     string
		rate     float64
		purposes []string
	}{
		{marginal.ModeGAN, 0.5, []string{"1-way tables", "joint tables", "DP-SGD steps"}},
		{marginal.ModeGAN, 0.5, []string{"1-way tables", "joint tables"}}, // interrupted before the first step
		{marginal.ModeGAN, 0.5, []string{"1-way tables", "tables with the target", "scores to choose joint tables by", "DP-SGD steps"}},
		{marginal.ModePure, 0.5, []string{"1-way tables", "DP-SGD steps"}},
		{marginal.ModePure, 0.5, []string{"fine tables to cut numbers by", "1-way tables", "scores to choose joint tables by", "DP-SGD steps"}},
		{marginal.ModeMarginals, 0, []string{"1-way tables", "joint tables"}},
		{marginal.ModeMarginals, 0, []string{"1-way tables"}}, // of one column
	} {
		p := model.Statement{SampleRate: tt.rate}
		for _, purpose := range tt.purposes {
			p.Events = append(p.Events, model.PricedEvent{Event: accounting.Event{Purpose: purpose}})
		}
		if got := modeOf(&p); got != tt.want {
			t.Errorf("rate %g, %q: mode %s, want %s", tt.rate, tt.purposes, got, tt.want)
		}
	}
}

// The pages are those of testdata/statement.*; UPDATE_SCRIPTS=1 writes them anew.
func TestStatementPages(t *testing.T) {
	for name, page := range map[string]func(*sheet) (string, error){"statement.txt": sheetText, "statement.md": sheetMarkdown} {
		got, err := page(exampleSheet(false))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if os.Getenv("UPDATE_SCRIPTS") != "" {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is now\n%s", name, got)
		}
	}
}

// A statement in text is a page of at most 70 lines of 100 columns, also of an insecure
// model, which says first that nothing is promised and claims no ε.
func TestStatementIsAPage(t *testing.T) {
	for _, insecure := range []bool{false, true} {
		text, err := sheetText(exampleSheet(insecure))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > 70 {
			t.Errorf("%d lines", len(lines))
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > 100 || strings.HasSuffix(line, " ") {
				t.Errorf("line %q", line)
			}
		}
		if says := strings.HasPrefix(lines[2], "NOTHING IS PROMISED"); says != insecure {
			t.Errorf("insecure: %v, and the page begins with %q", insecure, lines[2])
		}
		if claims := strings.Contains(text, "(ε = 2.9999, δ = 1e-05)-differential privacy"); claims == insecure {
			t.Errorf("insecure: %v, claims ε: %v", insecure, claims)
		}
	}
}

// What is read from JSON are the same facts, and the numbers.
func TestStatementJSON(t *testing.T) {
	text, err := sheetJSON(exampleSheet(true))
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Mode      string
		Insecure  bool
		Sections  []sheetSection
		Statement model.Statement
	}
	if err := json.Unmarshal([]byte(text), &back); err != nil {
		t.Fatal(err)
	}
	if !back.Insecure || back.Mode != marginal.ModeGAN || len(back.Statement.Events) != 6 || !strings.HasPrefix(back.Sections[0].Facts[0].Text, "none: ") {
		t.Errorf("%+v", back)
	}
}

// What even odds can become, and ε, are never rounded down.
func TestStatementRoundsUp(t *testing.T) {
	for epsilon, want := range map[float64]string{0: "50.0 %", 1: "73.2 %", 3: "95.3 %", 10: "99.996 %", 60: "all but 100 %"} {
		if got := percent(1 / (1 + math.Exp(-epsilon))); got != want {
			t.Errorf("ε = %g makes even odds %s, want %s", epsilon, got, want)
		}
	}
	for x, want := range map[float64]string{2.99991: "3.0000", 3.00001: "3.0001", 0.5: "0.5000", math.Inf(1): "unbounded"} {
		if got := noLess(x); got != want {
			t.Errorf("%v is stated as %s, want %s", x, got, want)
		}
	}
}
