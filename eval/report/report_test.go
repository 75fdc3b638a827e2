package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/dpgan/dpgan/eval"
	"github.com/dpgan/dpgan/tabular"
)

// evaluated is an evaluation of a small table whose names need escaping. Real
// rows come from the seed, synthetic ones do not.
func evaluated(t *testing.T, realSeed uint64) *eval.Result {
	t.Helper()
	schema := tabular.Schema{Missing: []string{""}, Columns: []tabular.Column{
		{Name: "age", Type: tabular.Integer, Bounds: []any{18, 100}},
		{Name: `<script>alert("x")</script>`, Type: tabular.Categorical, Values: []string{"a & b", "<i>", `"`}},
		{Name: "cost", Type: tabular.Integer, Bounds: []any{0, 500}, Spike: tabular.Spikes{0}, Nullable: true},
		{Name: "died", Type: tabular.Boolean},
	}}
	codec, err := schema.Compile()
	if err != nil {
		t.Fatal(err)
	}
	table := func(seed uint64, rows int) *eval.Table {
		random := rand.New(rand.NewPCG(seed, 7))
		columns := make([][]uint32, 4)
		for range rows {
			age := uint32(random.IntN(83))
			for j, code := range []uint32{age, uint32(random.IntN(3)), uint32(random.IntN(502)), min(1, age/uint32(30+random.IntN(60)))} {
				columns[j] = append(columns[j], code)
			}
		}
		out, err := eval.NewTable(codec, columns)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	r, err := eval.Evaluate(t.Context(), eval.Options{Train: table(realSeed, 300+int(realSeed)), Holdout: table(realSeed+1, 300),
		Target: "died", Seed: 1,
		Baseline: true, Synthetic: []eval.Named{{Name: "<b>syn.csv", Table: table(50, 300)}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var statement = Statement{Epsilon: 2.94, Delta: 1e-5, TargetEpsilon: 3, Adjacency: "add or remove one row", Accountant: "pld",
	EpsilonPLD: 2.94, EpsilonRDP: 3.2,
	Steps: 1000, Warnings: []string{"careful"}, Events: []Event{{Stage: "marginals", Purpose: "1-way table of age",
		Mechanism: "discrete_gaussian", Count: 4, Epsilon: .5}}}

func TestPages(t *testing.T) {
	one, other := evaluated(t, 10), evaluated(t, 20)
	t.Run("stands alone", func(t *testing.T) { standsAlone(t, one) })
	t.Run("plots are XML", func(t *testing.T) { plotsAreXML(t, one) })
	t.Run("links", func(t *testing.T) { contentsLead(t, one) })
	t.Run("release", func(t *testing.T) { releaseHoldsNothingReal(t, one, other) })
	t.Run("without a model", func(t *testing.T) { withoutModel(t, one) })
}

func standsAlone(t *testing.T, r *eval.Result) {
	page := write(t, Page{Title: "a.yaml", Result: r, Statement: &statement})
	if len(page) > maxBytes {
		t.Errorf("%d bytes, want at most %d", len(page), maxBytes)
	}
	without := strings.ReplaceAll(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), "http://www.w3.org/1999/xlink", "")
	for _, foreign := range []string{"http:", "https:", "<script", "<link", "<iframe", "src=", "@import", "url(", "<b>", "<i>"} {
		if strings.Contains(without, foreign) {
			t.Errorf("the page contains %q", foreign)
		}
	}
	for _, wanted := range []string{"ε = 2.94", "marginals", "1-way table of age", "careful", "Exact copies", "ROC curves",
		"prefers-color-scheme: dark",
		"@media print", `<html lang="en">`, "internal: computed on real data, not covered by ε", "bootstrap of train", "independent columns"} {
		if !strings.Contains(page, wanted) {
			t.Errorf("the page lacks %q", wanted)
		}
	}
	if strings.Contains(page, "NaN") {
		t.Error("the page shows NaN")
	}
}

// plotsAreXML parses every plot, and wants colours that follow the theme.
func plotsAreXML(t *testing.T, r *eval.Result) {
	page := write(t, Page{Title: "a", Result: r})
	plots := regexp.MustCompile(`(?s)<svg .*?</svg>`).FindAllString(page, -1)
	if len(plots) < 8 {
		t.Fatalf("%d plots, want those of 4 columns, 3 curves and 3 maps", len(plots))
	}
	for _, svg := range plots {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in %.200s", err, svg)
			}
		}
		if fixed := regexp.MustCompile(`(fill|stroke):#[0-9A-F]{6}`).FindString(svg); fixed != "" {
			t.Errorf("a fixed colour, %s, in %.120s", fixed, svg)
		}
		if !strings.Contains(svg, `role="img" aria-label="`) {
			t.Errorf("no label in %.120s", svg)
		}
	}
}

var links = regexp.MustCompile(`href="#([a-z]+)"`)

func contentsLead(t *testing.T, r *eval.Result) {
	for _, release := range []bool{false, true} {
		page := write(t, Page{Title: "a", Result: r, Release: release})
		for _, m := range links.FindAllStringSubmatch(page, -1) {
			if !strings.Contains(page, `id="`+m[1]+`"`) {
				t.Errorf("release %v: no section for the link #%s", release, m[1])
			}
		}
	}
}

// releaseHoldsNothingReal changes every real row: the page for release
// must not change by a byte.
func releaseHoldsNothingReal(t *testing.T, a, b *eval.Result) {
	one := write(t, Page{Title: "a", Result: a, Statement: &statement, Release: true})
	two := write(t, Page{Title: "a", Result: b, Statement: &statement, Release: true})
	if one != two {
		t.Error("two pages for release differ by the real rows")
	}
	for _, internal := range []string{"internal:", "Attacks", "bootstrap", "Summary"} {
		if strings.Contains(one, internal) {
			t.Errorf("the page for release contains %q", internal)
		}
	}
	for _, wanted := range []string{"ε = 2.94", "For release", "<svg "} {
		if !strings.Contains(one, wanted) {
			t.Errorf("the page for release lacks %q", wanted)
		}
	}
}

func withoutModel(t *testing.T, r *eval.Result) {
	page := write(t, Page{Title: "a", Result: r})
	if !strings.Contains(page, "no ε is claimed") {
		t.Error("a page without a model claims something")
	}
	insecure := statement
	insecure.Insecure = true
	if page = write(t, Page{Title: "a", Result: r, Statement: &insecure}); !strings.Contains(page, "Not private") ||
		strings.Contains(page, "differentially private:") {
		t.Error("an insecure model is not called so")
	}
	if err := Write(io.Discard, Page{}); err == nil {
		t.Error("a page without tables was written")
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "−1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}
