package report

import (
	"bytes"
	_ "embed" // the template and the style sheet
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dpgan/dpgan/eval"
)

// Page is what a report is made of.
type Page struct {
	Title     string
	Result    *eval.Result
	Statement *Statement // nil: no model was given
	// Release leaves out everything that real rows had a part in.
	Release bool
}

// Statement is what a model's training cost.
type Statement struct {
	Epsilon, Delta, TargetEpsilon float64
	Adjacency, Accountant         string
	EpsilonPLD, EpsilonRDP        float64
	RowCount                      string
	SampleRate, NoiseMultiplier   float64
	MaxGradNorm                   float64
	Steps                         int
	Insecure                      bool
	Warnings                      []string
	Events                        []Event
}

// Event is one kind of release, and the ε it would cost alone.
type Event struct {
	Stage, Purpose, Mechanism            string
	Count                                int
	NoiseMultiplier, SampleRate, Epsilon float64
}

//go:embed page.html
var pageText string

//go:embed page.css
var styleText string

// maxBytes bounds a page: what is larger does not travel by mail.
const maxBytes = 3 << 20

// Write writes the page. It fails on a result without tables.
func Write(w io.Writer, p Page) error {
	if p.Result == nil || len(p.Result.Tables) == 0 {
		return errors.New("report: no tables: evaluate at least one")
	}
	view, err := newView(&p)
	if err != nil {
		return err
	}
	page, err := template.New("page").Funcs(template.FuncMap{
		"f3": digits(3), "f4": digits(4), "percent": percent, "plain": plain, "grouped": grouped, "moment": moment, "spread": spread,
		"html": func(s string) template.HTML { return template.HTML(s) }, // plots, which this package made
	}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, view); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if b.Len() > maxBytes {
		return fmt.Errorf("report: %d bytes: more than %d; compare fewer tables in one report", b.Len(), maxBytes)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// number is a float64 or an eval.Number of a template, and 0 for anything else.
func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case eval.Number:
		return float64(v)
	}
	return 0
}

// digits writes a number with n decimals, and a dash for none.
func digits(n int) func(any) string {
	return func(v any) string {
		x := number(v)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return "–"
		}
		return fmt.Sprintf("%.*f", n, x)
	}
}

// plain writes a number of any size with four digits.
func plain(v any) string {
	x := number(v)
	switch {
	case math.IsNaN(x):
		return "–"
	case x != 0 && (math.Abs(x) < 1e-3 || math.Abs(x) >= 1e12):
		return strconv.FormatFloat(x, 'g', 4, 64)
	case math.Abs(x) >= 1000:
		return grouped(int(math.Round(x)))
	}
	return fmt.Sprintf("%.4g", x)
}

// moment writes a mean or a quantile: of dates as a date.
func moment(date bool, v eval.Number) string {
	if !date || math.IsNaN(float64(v)) {
		return plain(v)
	}
	t := time.Unix(int64(v), 0).UTC()
	return t.Format(time.DateOnly)
}

// spread writes a standard deviation: of dates in days.
func spread(date bool, v eval.Number) string {
	if !date || math.IsNaN(float64(v)) {
		return plain(v)
	}
	return plain(float64(v)/86400) + " days"
}

func percent(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}

// grouped writes n with a comma every three digits.
func grouped(n int) string {
	text := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, text = "−", text[1:]
	}
	var b strings.Builder
	for i, d := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}
