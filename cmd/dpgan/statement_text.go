package main

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/amount"
)

// A page is pageWidth wide; facts begin behind their names.
const (
	pageWidth = 100
	nameWidth = 15
)

var statementText = template.Must(template.New("text").Funcs(template.FuncMap{
	"upper": strings.ToUpper, "fact": textFact, "release": textRelease, "wrap": wrapped,
}).Parse(`PRIVACY STATEMENT  {{.Model}} ({{.Mode}} mode)
{{if .Insecure}}
{{wrap .Warning ""}}
{{end}}{{$all := .}}{{range .Sections}}
{{upper .Title}}
{{range .Facts}}{{fact .}}
{{end}}{{if eq .Title $all.Releases}}{{range $all.Numbers.Events}}{{release .}}
{{end}}{{end}}{{end}}`))

var statementMarkdown = template.Must(template.New("markdown").Funcs(template.FuncMap{
	"mechanism": mechanismText, "parameters": parameterText, "cell": tableCell, "grouped": amount.Grouped,
}).Parse(`# Privacy statement

Model ` + "`{{.Model}}`" + `, {{.Mode}} mode.
{{if .Insecure}}
**{{.Warning}}**
{{end}}{{$all := .}}{{range .Sections}}
## {{.Title}}

{{range .Facts}}- **{{.Name}}**: {{.Text}}
{{end}}{{if eq .Title $all.Releases}}| times | mechanism | parameters | what | stage | ε alone |
|--:|---|---|---|---|--:|
{{range $all.Numbers.Events}}| {{grouped .Count}} | {{mechanism .Event}} | {{parameters .Event}} | {{cell .Purpose}} | {{.Stage}} | {{printf "%.4g" .EpsilonAlone}} |
{{end}}{{end}}{{end}}`))

// Warning is what the sheet of an insecure model begins with.
func (*sheet) Warning() string { return "NOTHING IS PROMISED: " + model.InsecureWarning }

// Releases is the title of the section that lists them.
func (*sheet) Releases() string { return releasesTitle }

func sheetText(p *sheet) (string, error)     { return fill(statementText, p) }
func sheetMarkdown(p *sheet) (string, error) { return fill(statementMarkdown, p) }

func fill(t *template.Template, p *sheet) (string, error) {
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return "", fmt.Errorf("statement: %w", err)
	}
	return b.String(), nil
}

// textFact is a fact over as many lines as it needs.
func textFact(f sheetFact) string {
	return wrapped(f.Text, fmt.Sprintf("  %-*s", nameWidth, f.Name))
}

// textRelease is an event with what it would cost alone.
func textRelease(e model.PricedEvent) string {
	text := fmt.Sprintf("%s × %s, %s: %s (%s); alone ε = %.4g", amount.Grouped(e.Count), mechanismText(e.Event), parameterText(e.Event), e.Purpose, e.Stage, e.EpsilonAlone)
	return wrapped(text, "  ")
}

// wrapped breaks text into lines of at most pageWidth, the first behind first, the
// others behind as many spaces.
func wrapped(text, first string) string {
	var b strings.Builder
	indent := utf8.RuneCountInString(first)
	b.WriteString(first)
	at := indent
	for k, word := range strings.Fields(text) {
		width := utf8.RuneCountInString(word)
		switch {
		case k == 0:
		case at+1+width > pageWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += width
	}
	return b.String()
}

// mechanismText names a mechanism in words.
func mechanismText(e accounting.Event) string {
	switch e.Mechanism {
	case accounting.PoissonGaussian:
		return "Gaussian noise on clipped gradients of a Poisson batch"
	case accounting.PartitionSelection:
		return "choice of values whose noisy count passes a threshold"
	}
	return strings.ReplaceAll(string(e.Mechanism), "_", " ")
}

// parameterText is what an accountant needs to know of one release.
func parameterText(e accounting.Event) string {
	switch e.Mechanism {
	case accounting.PoissonGaussian:
		return fmt.Sprintf("noise multiplier σ/C = %.4g, sample rate q = %.4g", e.NoiseMultiplier, e.SampleRate)
	case accounting.Gaussian, accounting.DiscreteGaussian:
		return fmt.Sprintf("σ = %.4g at sensitivity 1", e.NoiseMultiplier)
	case accounting.Laplace, accounting.DiscreteLaplace:
		return fmt.Sprintf("scale %.4g at sensitivity 1", e.NoiseMultiplier)
	}
	return fmt.Sprintf("ε = %g, δ = %.3g", e.Epsilon, e.Delta)
}

// tableCell is text that does not end a cell of a Markdown table.
func tableCell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
