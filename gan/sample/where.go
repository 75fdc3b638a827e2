package sample

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dpgan/dpgan/tabular"
)

// predicate is what is wanted of one learned column.
type predicate struct {
	column int
	text   string
	codes  tabular.CodeSet
}

// parsePredicates reads texts COLUMN=WANTED, where WANTED is what
// tabular.Codec.Condition reads, or several of it separated by |. Texts about one
// column must all hold.
func parsePredicates(codec *tabular.Codec, texts []string) ([]predicate, error) {
	var conditions []predicate
	for _, text := range texts {
		c, err := parsePredicate(codec, text)
		if err != nil {
			return nil, &ConditionError{"where", text, err.Error()}
		}
		at := slices.IndexFunc(conditions, func(other predicate) bool { return other.column == c.column })
		if at < 0 {
			conditions = append(conditions, c)
			continue
		}
		both := &conditions[at]
		both.codes, both.text = both.codes.And(c.codes), both.text+" and "+text
		if len(both.codes) == 0 {
			return nil, &ConditionError{"where", both.text, "no value meets both: drop one, or separate values of which each will do by |"}
		}
	}
	return conditions, nil
}

func parsePredicate(codec *tabular.Codec, text string) (predicate, error) {
	name, wanted, equals := strings.Cut(text, "=")
	for _, d := range codec.Schema().Columns { // a name may hold a =
		if rest, found := strings.CutPrefix(text, d.Name+"="); found && len(d.Name) > len(name) {
			name, wanted = d.Name, rest
		}
	}
	j, err := codec.Find(name)
	if err != nil {
		return predicate{}, fmt.Errorf("%w; there are %s", err, strings.Join(codec.Names(), ", "))
	}
	if !equals {
		return predicate{}, fmt.Errorf("names no value: want %s=VALUE, %s=A|B, %s=LO..HI or %s=missing; %s", name, name, name, name, allowed(codec, j))
	}
	codes, err := anyOf(codec, j, []string{wanted})
	if err != nil && strings.Contains(wanted, "|") {
		codes, err = anyOf(codec, j, strings.Split(wanted, "|"))
	}
	if err != nil {
		return predicate{}, fmt.Errorf("%w; %s", err, allowed(codec, j))
	}
	if len(codes) == 0 {
		return predicate{}, fmt.Errorf("no value of column %q lies in the range; %s", name, allowed(codec, j))
	}
	return predicate{column: j, text: text, codes: codes}, nil
}

// anyOf is the codes that one of texts means.
func anyOf(codec *tabular.Codec, j int, texts []string) (tabular.CodeSet, error) {
	var runs []tabular.Run
	for _, text := range texts {
		codes, err := codec.Condition(j, []string{text})
		if err != nil {
			return nil, err
		}
		runs = append(runs, withinEnds(codec, j, codes, text)...)
	}
	slices.SortFunc(runs, func(a, b tabular.Run) int { return cmp.Compare(a.From, b.From) })
	var out tabular.CodeSet
	for _, r := range runs {
		if last := len(out) - 1; last >= 0 && r.From <= out[last].To {
			out[last].To = max(out[last].To, r.To)
			continue
		}
		out = append(out, r)
	}
	return out, nil
}

// withinEnds drops the codes at the ends of a range of numbers that stand for a
// number beyond them, since ends are read as cells, rounded to the grid.
func withinEnds(codec *tabular.Codec, j int, codes tabular.CodeSet, text string) tabular.CodeSet {
	lo, hi, ranged := strings.Cut(text, "..")
	if !ranged || len(codes) != 1 || codec.Schema().Columns[codec.Learned()[j]].Type != tabular.Real {
		return codes
	}
	run := codes[0]
	if v, err := strconv.ParseFloat(strings.TrimSpace(lo), 64); err == nil && codec.Value(j, run.From) < v {
		run.From++
	}
	if v, err := strconv.ParseFloat(strings.TrimSpace(hi), 64); err == nil && codec.Value(j, run.To-1) > v {
		run.To--
	}
	if run.From >= run.To {
		return nil
	}
	return tabular.CodeSet{run}
}

// listedValues is how many values a message lists.
const listedValues = 12

// allowed says what a cell of column j may hold.
func allowed(codec *tabular.Codec, j int) string {
	values := codec.Values(j)
	cell := func(code uint32) string { return string(codec.AppendCell(nil, j, code)) }
	out := ""
	if codec.Listed(j) {
		var first []string
		for code := range min(values, listedValues) {
			first = append(first, cell(code))
		}
		out = "its values are " + strings.Join(first, ", ")
		if values > listedValues {
			out += fmt.Sprintf(" … (%d in all)", values)
		}
	} else {
		out = fmt.Sprintf("it holds %s to %s", cell(0), cell(values-1))
	}
	if values < codec.Size(j) {
		out += ", or missing"
	}
	return out
}

// leastProbability is the least probability that a condition may have in a model:
// of rarer rows it knows nothing.
const leastProbability = 1e-9

// fromSources turns conditions on columns that others determine into conditions on
// their sources, which the model knows; the rules restore what was asked for.
func fromSources(rules *tabular.Rules, conditions []predicate) ([]predicate, error) {
	var out []predicate
	for _, c := range conditions {
		c.column, c.codes = rules.Root(c.column, c.codes)
		at := slices.IndexFunc(out, func(other predicate) bool { return other.column == c.column })
		if at >= 0 {
			out[at].codes, out[at].text = out[at].codes.And(c.codes), out[at].text+" and "+c.text
			c = out[at]
		} else {
			out = append(out, c)
		}
		if len(c.codes) == 0 {
			return nil, &ConditionError{"where", c.text, "no row that keeps the rules meets it: drop or widen it"}
		}
	}
	return out, nil
}
