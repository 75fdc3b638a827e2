package tabular

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCodes bounds a code space, so that its edges fit uint32.
const maxCodes = math.MaxUint32

// Compile checks the declaration and fixes the code grids. The error joins all
// problems, each with its fix.
func (s *Schema) Compile() (*Codec, error) {
	c := &Codec{schema: s.clone()}
	var problems []error
	if len(s.Columns) == 0 {
		problems = append(problems, errors.New("tabular: columns=[]: declare at least one column"))
	}
	problems = append(problems, c.compileMissing()...)
	seen := map[string]bool{}
	for i := range c.schema.Columns {
		d := &c.schema.Columns[i]
		report := func(format string, args ...any) {
			name := fmt.Sprintf("column %q", shorten(d.Name))
			if d.Name == "" {
				name = fmt.Sprintf("columns[%d]", i)
			}
			problems = append(problems, fmt.Errorf("tabular: "+name+": "+format, args...))
		}
		if fault := checkText(d.Name); d.Name == "" {
			report("name=%q: give the column the name it has in the header", "")
		} else if fault != "" {
			report("name=%q: %s", d.Name, fault)
		} else if seen[d.Name] {
			report("name=%q: declared twice: remove one", d.Name)
		}
		seen[d.Name] = true
		c.compileColumn(i, report)
	}
	if len(c.columns) == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("tabular: columns: only ids: declare at least one column to learn"))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return c, nil
}

// compileMissing checks the markers of missing cells.
func (c *Codec) compileMissing() (problems []error) {
	c.missing = c.schema.Missing
	if len(c.missing) == 0 {
		c.missing = []string{""}
	}
	for i, marker := range c.missing {
		if fault := checkText(marker); fault != "" {
			problems = append(problems, fmt.Errorf("tabular: missing[%d]=%q: %s", i, marker, fault))
		}
		if slices.Contains(c.missing[:i], marker) {
			problems = append(problems, fmt.Errorf("tabular: missing[%d]=%q: declared twice: remove one", i, marker))
		}
	}
	return problems
}

// compileColumn appends the learned column i, if it reports no problem.
func (c *Codec) compileColumn(i int, report func(string, ...any)) {
	d := &c.schema.Columns[i]
	faults := 0
	fail := func(format string, args ...any) {
		faults++
		report(format, args...)
	}
	col := learnedColumn{name: d.Name, nullable: d.Nullable}
	refuseForeign(d, fail)
	switch d.Type {
	case Integer, Real:
		compileNumber(d, &col, fail)
	case Categorical, Ordinal, Boolean:
		compileLevels(d, &col, fail)
	case Datetime:
		compileDatetime(d, &col, fail)
	case ID:
		counter, err := newCounter(d.Format)
		if err != nil {
			fail("format=%q: %v", d.Format, err)
		}
		c.counters = append(c.counters, counter)
		return
	default:
		fail("type=%q: want integer, real, categorical, ordinal, boolean, datetime or id", d.Type)
	}
	if faults > 0 || col.coder == nil {
		return
	}
	size := col.coder.size()
	if size > maxCodes-1 {
		fail("bounds=%v: %d codes, more than 2^32-2: declare a lower precision, or narrower bounds", d.Bounds, size)
		return
	}
	compileOutside(d, &col, fail)
	for _, marker := range c.missing {
		// A column that takes all cells asks for the markers first.
		if _, taken := col.coder.encode(marker); taken && !col.takesAll {
			fail("missing=%q is a value of the column too: remove one of them, or narrow the bounds", marker)
		}
	}
	if faults > 0 {
		return
	}
	col.values = uint32(size)
	col.fine = col.fineEdges(d)
	c.learned = append(c.learned, i)
	c.columns = append(c.columns, col)
}

// refuseForeign reports the declarations that mean nothing for the type.
func refuseForeign(d *Column, fail func(string, ...any)) {
	number := d.Type == Integer || d.Type == Real
	level := d.Type == Categorical || d.Type == Ordinal || d.Type == Boolean
	known := number || level || d.Type == Datetime || d.Type == ID
	foreign := []struct {
		key      string
		declared bool
		fits     bool
	}{
		{"bounds", len(d.Bounds) > 0, number || d.Type == Datetime},
		{"values", len(d.Values) > 0, level},
		{"precision", d.Precision != nil, d.Type == Real},
		{"scale", d.Scale != "", number},
		{"spike", len(d.Spike) > 0, number},
		{"format", d.Format != "", d.Type == Datetime || d.Type == ID},
		{"nullable", d.Nullable, d.Type != ID},
		{"outside", d.Outside != "", d.Type != ID},
		{"other", d.Other != "", level},
	}
	for _, f := range foreign {
		if known && f.declared && !f.fits {
			fail("%s: has no meaning for type: %s: remove it, or declare another type", f.key, d.Type)
		}
	}
}

// compileLevels makes the coder of listed values.
func compileLevels(d *Column, col *learnedColumn, fail func(string, ...any)) {
	if d.Type == Boolean && len(d.Values) == 0 {
		col.coder = newBooleans()
		return
	}
	if len(d.Values) == 0 {
		fail("values=[]: declare values, or the column cannot be learned without looking at the data")
	}
	if d.Type == Boolean && len(d.Values) != 2 {
		fail("values: %d values: want 2, no and yes, or type: categorical", len(d.Values))
	}
	seen := make(map[string]bool, len(d.Values))
	for i, v := range d.Values {
		if fault := checkText(v); fault != "" {
			fail("values[%d]=%q: %s", i, v, fault)
		}
		if seen[v] {
			fail("values[%d]=%q: declared twice: remove one", i, v)
		}
		seen[v] = true
	}
	col.coder = newLevels(d.Values)
}

// checkText says why s could not be told apart in a file, or "".
func checkText(s string) string {
	switch {
	case !utf8.ValidString(s):
		return refuseEncoding
	case strings.TrimSpace(s) != s:
		return "has spaces around it, which are trimmed on reading: remove them"
	case strings.ContainsFunc(s, func(r rune) bool { return r == '\uFEFF' || unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return "holds a control character, which files do not carry: remove it"
	}
	return ""
}
