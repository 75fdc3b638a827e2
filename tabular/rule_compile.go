package tabular

import (
	"errors"
	"fmt"
	"slices"
)

// Rules are rules compiled for a codec. They are immutable and safe for
// concurrent use.
type Rules struct {
	codec        *Codec
	declared     []Rule
	rules        []rule // of rows
	dependencies []Dependency
	marginals    []Marginal
}

// rule is a rule about single rows.
type rule interface {
	// number is the rule's place among those declared.
	number() int
	// columns are what it speaks of, in its order.
	columns() []int
	broken(row []uint32) bool
	// admits is the codes of column j, one of columns, that keep the rule as far
	// as it is about j and the row's other cells.
	admits(row []uint32, j int) CodeSet
}

// CompileRules checks rules against the schema and each other. The error joins
// all problems, each a *RuleError.
func (c *Codec) CompileRules(declared []Rule) (*Rules, error) {
	r := &Rules{codec: c, declared: slices.Clone(declared)}
	var problems []error
	for k := range declared {
		d := &declared[k]
		fail := func(key string, entry int, format string, args ...any) {
			problems = append(problems, &RuleError{Rule: k, Key: key, Entry: entry, Reason: fmt.Sprintf(format, args...)})
		}
		kind, fault := d.kind()
		if fault != "" {
			fail("", -1, "%s", fault)
			continue
		}
		switch kind {
		case "dependency":
			r.compileDependency(k, d, fail)
		case "if":
			r.compileImplication(k, d, fail)
		case "order":
			r.compileOrder(k, d, fail)
		case "never":
			r.compileNever(k, d, fail)
		case "marginal":
			r.compileMarginal(k, d, fail)
		}
	}
	if len(problems) == 0 {
		problems = append(problems, r.sortDependencies()...)
	}
	if len(problems) == 0 {
		problems = append(problems, r.contradictions()...)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return r, nil
}

// failer reports a problem with an entry of a key of the rule at hand.
type failer func(key string, entry int, format string, args ...any)

// Declared is a copy of the rules as they were declared; none of nil.
func (r *Rules) Declared() []Rule {
	if r == nil {
		return nil
	}
	return slices.Clone(r.declared)
}

// Len is how many rules speak of single rows, numbered k = 0, 1, …; 0 of nil.
func (r *Rules) Len() int {
	if r == nil {
		return 0
	}
	return len(r.rules)
}

// Name is row rule k in one line.
func (r *Rules) Name(k int) string { return r.declared[r.rules[k].number()].String() }

// Broken tells whether a row of codes, [J], breaks row rule k.
func (r *Rules) Broken(k int, row []uint32) bool { return r.rules[k].broken(row) }

// Kept tells whether a row of codes keeps all rules.
func (r *Rules) Kept(row []uint32) bool { return r.firstBroken(row) < 0 }

func (r *Rules) firstBroken(row []uint32) int {
	for k := range r.rules {
		if r.rules[k].broken(row) {
			return k
		}
	}
	return -1
}

// Dependencies are the columns that others determine, each after its source.
func (r *Rules) Dependencies() []Dependency {
	if r == nil {
		return nil
	}
	return slices.Clone(r.dependencies)
}

// Marginals are the shares that are publicly known.
func (r *Rules) Marginals() []Marginal {
	if r == nil {
		return nil
	}
	return slices.Clone(r.marginals)
}

// sortDependencies puts each after the one that determines its source.
func (r *Rules) sortDependencies() (problems []error) {
	by := map[int]int{} // column to the dependency that determines it
	for i, d := range r.dependencies {
		if other, taken := by[d.Target]; taken {
			problems = append(problems, &RuleError{Rule: d.rule, Key: "determines", Entry: -1,
				Reason: fmt.Sprintf("rules[%d] determines %q already: remove one", r.dependencies[other].rule, r.codec.columns[d.Target].name)})
			continue
		}
		by[d.Target] = i
	}
	depth := func(i int) int {
		n := 0
		for next, ok := i, true; ok && n <= len(r.dependencies); n++ {
			next, ok = by[r.dependencies[next].Source]
		}
		return n
	}
	depths := map[int]int{}
	for i, d := range r.dependencies {
		if depths[d.rule] = depth(i); depths[d.rule] > len(r.dependencies) {
			problems = append(problems, &RuleError{Rule: d.rule, Key: "dependency", Entry: -1,
				Reason: fmt.Sprintf("%q depends on itself by way of other rules: remove one", r.codec.columns[d.Target].name)})
		}
	}
	slices.SortStableFunc(r.dependencies, func(a, b Dependency) int { return depths[a.rule] - depths[b.rule] })
	return problems
}
