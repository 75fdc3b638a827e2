package tabular

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dpgan/dpgan/internal/nearest"
)

// The words of a condition that are no cells.
const (
	wordMissing    = "missing"
	wordNotMissing = "not missing"
	wordRange      = ".."
)

// Condition is the codes of column j that one of texts means. A text is
//
//	a value      as a cell of the column has it
//	a..b         both ends and what lies between; a.. and ..b are open
//	missing      the cells that are
//	not missing  all others
//
// A value of that very spelling goes first. Ranges need an order: numbers, dates
// and ordinals. Their ends are read as cells, so that they fall on the column's
// grid. The error says what is wrong with which text.
func (c *Codec) Condition(j int, texts []string) (CodeSet, error) {
	if len(texts) == 0 {
		return nil, errors.New("no values: name one, a range a..b, missing or not missing")
	}
	var out CodeSet
	for _, text := range texts {
		set, reason := c.conditionCodes(j, trim(text))
		if reason != "" {
			return nil, fmt.Errorf("%q: %s", shorten(text), reason)
		}
		out = out.or(set)
	}
	return out, nil
}

// conditionCodes is the codes that one text means, or why it means none.
func (c *Codec) conditionCodes(j int, text string) (CodeSet, string) {
	col := &c.columns[j]
	if code, ok := col.coder.encode(text); ok {
		return CodeSet{{code, code + 1}}, ""
	}
	switch {
	case text == wordNotMissing:
		return CodeSet{{0, col.values}}, ""
	case text == wordMissing && !col.nullable:
		return nil, "no cell of the column can be missing: declare it nullable"
	case text == wordMissing:
		return CodeSet{{col.values, col.values + 1}}, ""
	case c.isMissing(text):
		return nil, "is how missing cells are written: say missing"
	}
	if from, to, found := strings.Cut(text, wordRange); found {
		return c.codeRange(j, trim(from), trim(to))
	}
	return nil, col.refuseValue(text)
}

// codeRange is the codes from one value to another, "" being no end.
func (c *Codec) codeRange(j int, from, to string) (CodeSet, string) {
	col := &c.columns[j]
	if t := c.schema.Columns[c.learned[j]].Type; t == Categorical || t == Boolean {
		return nil, "a range of values without order: list them"
	}
	run := Run{0, col.values}
	if from != "" {
		code, ok := col.coder.encode(from)
		if !ok {
			return nil, col.refuseValue(from)
		}
		run.From = code
	}
	if to != "" {
		code, ok := col.coder.encode(to)
		if !ok {
			return nil, col.refuseValue(to)
		}
		run.To = code + 1
	}
	switch {
	case from == "" && to == "":
		return nil, "a range without ends: say not missing"
	case run.From >= run.To:
		return nil, "a range that ends before it begins: swap its ends"
	}
	return CodeSet{run}, ""
}

// refuseValue says why text is no value of the column.
func (c *learnedColumn) refuseValue(text string) string {
	if l, listed := c.coder.(*levels); listed {
		if near := nearest.Word(text, l.values); near != "" {
			return fmt.Sprintf("not a declared value; nearest is %q", shorten(near))
		}
		return fmt.Sprintf("not one of the %d declared values", len(l.values))
	}
	reason, _, _ := strings.Cut(c.coder.refuse(text), ": ") // what follows is about cells
	return reason
}

// Find is the number of the learned column of a name. The error names the nearest.
func (c *Codec) Find(name string) (int, error) {
	names := make([]string, len(c.columns))
	for j := range c.columns {
		if names[j] = c.columns[j].name; names[j] == name {
			return j, nil
		}
	}
	for _, d := range c.schema.Columns {
		if d.Name == name {
			return 0, fmt.Errorf("column %q is an id, which is never learned", shorten(name))
		}
	}
	if near := nearest.Word(name, names); near != "" {
		return 0, fmt.Errorf("no column %q; nearest is %q", shorten(name), shorten(near))
	}
	return 0, fmt.Errorf("no column %q", shorten(name))
}
