package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/dpsgd"
	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/gan/marginal"
	"github.com/dpgan/dpgan/gan/model"
	"github.com/dpgan/dpgan/internal/amount"
	"github.com/dpgan/dpgan/tabular"
)

// sheet is a privacy statement in words, in sections, with the numbers behind it.
type sheet struct {
	Model    string          `json:"model"`
	Mode     string          `json:"mode"`
	Insecure bool            `json:"insecure"`
	Sections []sheetSection  `json:"sections"`
	Numbers  model.Statement `json:"statement"`
}

type sheetSection struct {
	Title string      `json:"title"`
	Facts []sheetFact `json:"facts,omitempty"`
}

type sheetFact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// releasesTitle is the section that the releases follow, as a table.
const releasesTitle = "Releases"

func newSheet(path string, model *model.Model) *sheet {
	p := model.Privacy()
	return sheetOf(path, modeOf(&p), p, model.Domain().Schema(), len(model.Domain().Rules.Declared()))
}

// sheetOf is newSheet for a model of mode with the statement p, the schema, and so
// many rules, those that were found among them.
func sheetOf(path, mode string, p model.Statement, schema tabular.Schema, rules int) *sheet {
	s := &sheet{Model: path, Mode: mode, Insecure: p.Insecure, Numbers: p}
	s.guarantee(&p)
	s.add(releasesTitle)
	s.public(&p, schema, rules)
	s.trust(&p)
	s.open(&p)
	return s
}

// add appends a section of facts, given as name and text in turn; a fact without
// text is left out.
func (s *sheet) add(title string, facts ...string) {
	section := sheetSection{Title: title}
	for k := 0; k+1 < len(facts); k += 2 {
		if facts[k+1] != "" {
			section.Facts = append(section.Facts, sheetFact{facts[k], facts[k+1]})
		}
	}
	s.Sections = append(s.Sections, section)
}

// modeOf says which stages made the model, by what was paid for, or, in a run that ended
// before its first step, planned.
func modeOf(p *model.Statement) string {
	tables := []string{marginal.JointTables.Purpose, marginal.TargetTables.Purpose}
	switch {
	case p.SampleRate == 0:
		return marginal.ModeMarginals
	case !slices.ContainsFunc(p.Events, func(e model.PricedEvent) bool { return slices.Contains(tables, e.Purpose) }):
		return marginal.ModePure
	}
	return marginal.ModeGAN
}

func (s *sheet) guarantee(p *model.Statement) {
	claim := fmt.Sprintf("(ε = %s, δ = %g)-differential privacy of all that the run wrote: model, checkpoint, ledger, metrics, and samples", noLess(p.Epsilon), p.Delta)
	words := fmt.Sprintf("whoever knows everybody else's rows, and gives even odds that a row was in the table, can raise them to at most %s, "+
		"but for a chance of δ, one in %s, that the bound fails", percent(1/(1+math.Exp(-p.Epsilon))), oneIn(p.Delta))
	if p.Insecure {
		claim = "none: " + model.InsecureWarning
		words = "whoever knows or guesses the seed takes the noise off; the numbers below are what secure keys would have cost"
	}
	other := "rdp"
	if p.Accountant == string(accounting.RDP) {
		other = "pld"
	}
	s.add("Guarantee",
		"claim", claim,
		"in words", words,
		"unit", "one row of the table. A person with k rows is protected with about k·ε, and a δ that grows with e^(kε)",
		"neighbours", p.Adjacency+"; one row exchanged for another counts as two: at most 2ε, with δ·(1+e^ε)",
		"accountant", fmt.Sprintf("%s, an upper bound for all releases below; %s says ε = %s", accountantName(p.Accountant), other, noLess(map[string]float64{"rdp": p.EpsilonRDP, "pld": p.EpsilonPLD}[other])),
		"adaptivity", p.Rule,
		"beyond it", "other runs on the table, and whatever else is published of it, add to this; runs that name one privacy.ledger share a total there")
}

func accountantName(name string) string {
	if name == string(accounting.RDP) {
		return "rdp (Rényi differential privacy)"
	}
	return "pld (privacy loss distributions)"
}

// noLess is x with four decimals, rounded up.
func noLess(x float64) string {
	if math.IsInf(x, 1) {
		return "unbounded"
	}
	return fmt.Sprintf("%.4f", math.Ceil(x*1e4)/1e4)
}

// percent is a probability below 1, rounded up, with as many digits as tell it from 1.
func percent(x float64) string {
	for unit, digits := 10.0, 1; digits < 8; unit, digits = 10*unit, digits+1 {
		if up := math.Ceil(100*x*unit) / unit; up < 100 {
			return fmt.Sprintf("%.*f %%", digits, up)
		}
	}
	return "all but 100 %"
}

// oneIn is 1/x, in words.
func oneIn(x float64) string {
	if n := 1 / x; n < 1e15 {
		return amount.Grouped(int(math.Round(n)))
	}
	return fmt.Sprintf("%.3g", 1/x)
}

func (s *sheet) public(p *model.Statement, schema tabular.Schema, rules int) {
	kinds, ids := map[string]int{}, 0
	var order []string
	for _, c := range schema.Columns {
		if c.Type == tabular.ID {
			ids++
		}
		if kinds[string(c.Type)]++; kinds[string(c.Type)] == 1 {
			order = append(order, string(c.Type))
		}
	}
	for k, kind := range order {
		order[k] = fmt.Sprintf("%d %s", kinds[kind], kind)
	}
	bought := map[string]bool{}
	var found []string
	for _, e := range p.Events {
		if e.Stage == "discovery" && !bought[e.Purpose] {
			bought[e.Purpose] = true
			found = append(found, strings.ReplaceAll(e.Purpose, "_", " "))
		}
	}
	schemaText := fmt.Sprintf("names, types, bounds, values and formats of %s (%s), and all settings of the run", amount.Of(len(schema.Columns), "column"), strings.Join(order, ", "))
	if ids > 0 {
		schemaText += "; an id is never learned"
	}
	rows := "public: it sets the sample rate and may be published"
	if p.RowCount == dpsgd.RowCountDiscovered {
		rows = "private: a noisy count was paid for, above, and takes its place everywhere"
	}
	discovery := "nothing: all of the schema was declared, and is taken to owe nothing to the rows"
	if len(found) > 0 {
		discovery = strings.Join(found, ", ") + ", as far as the schema left them open: releases of the stage discovery, above"
	}
	known := ""
	if rules > 0 {
		known = fmt.Sprintf("%s, of which noisy tables told %d; the others are taken as known beforehand", amount.Of(rules, "rule"), len(p.Found))
	}
	s.add("Public knowledge, which costs nothing", "schema", schemaText, "rows", rows, "discovered", discovery, "rules", known)
}

func (s *sheet) trust(p *model.Statement) {
	s.add("Trust and threats",
		"model", "central: whoever trains sees the rows and is trusted. Whoever gets the model or samples need not be: they may read every parameter, know all "+
			"rows but one, and compute without bound, short of breaking ChaCha20",
		"free", "all that is computed from the model alone (post-processing): samples, any number, under any condition; statistics and models made of them",
		"not free", "what reads the table again: dpgan evaluate, whose report is private, and dpgan impute, whose output holds the real rows",
		"the table", "itself, its copies, and messages about its cells on the terminal, need the protection that they always needed")
	integers := "counts"
	if p.Steps > 0 {
		integers += ", and sums of gradients on a grid,"
	}
	arithmetic := integers + " are integers; their noise is a real normal, rounded exactly: no float64 stands between the proof and the program " +
		"(docs/privacy.md, Arithmetic)"
	randomness := "ChaCha20 under keys of the operating system, fresh for each process and kept in no file"
	if p.Insecure {
		randomness = "keys made of a seed that was given: repeatable, for tests"
	}
	s.add("Implementation",
		"randomness", randomness,
		"arithmetic", arithmetic,
		"side channels", "time, memory, power and disk traffic of the training machine are not covered",
		"program", "a proof is about an algorithm: dpgan audit attacks the step as it runs, and the tests plant faults that they must notice")
}

func (s *sheet) open(p *model.Statement) {
	warnings := make([]string, 0, len(p.Warnings))
	for _, w := range p.Warnings {
		if w != model.InsecureWarning { // said first
			warnings = append(warnings, w)
		}
	}
	s.add("Not promised",
		"groups", "facts about many, such as that smokers fall ill, are what the model is for: they are learned with or without any one row, and apply to you all the same",
		"likeness", "that no synthetic row resembles a real one",
		"truth", "that samples are true or fair: noise costs most where rows are few, so small groups are drawn worst",
		"warnings", strings.Join(warnings, "; "))
}
