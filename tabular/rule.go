package tabular

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is something that is publicly known to hold in every row, or, of a
// marginal, in the population. It is of the one kind whose keys are set:
//
//	dependency, determines, map   a column is a function of another; without a map, of one still to be found
//	if, then                      an implication
//	order, strict                 numbers or dates that do not descend
//	never                         conditions that never hold together
//	marginal, shares, confidence  how often values occur
type Rule struct {
	Dependency string `mapstructure:"dependency" json:"dependency,omitempty"`
	Determines string `mapstructure:"determines" json:"determines,omitempty"`
	// Map names the value of Determines for each value, or range, of Dependency. If
	// it is empty, which function it is has to be found.
	Map Terms `mapstructure:"map" json:"map,omitempty"`

	If   Terms `mapstructure:"if" json:"if,omitempty"`
	Then Terms `mapstructure:"then" json:"then,omitempty"`

	Order []string `mapstructure:"order" json:"order,omitempty"`
	// Strict refuses equal neighbours.
	Strict bool `mapstructure:"strict" json:"strict,omitempty"`

	Never Terms `mapstructure:"never" json:"never,omitempty"`

	Marginal string `mapstructure:"marginal" json:"marginal,omitempty"`
	Shares   Shares `mapstructure:"shares" json:"shares,omitempty"`
	// Confidence is the number of rows on which the shares count as measured.
	Confidence float64 `mapstructure:"confidence" json:"confidence,omitempty"`
}

// Terms is a mapping that keeps its order: of columns to what their cells are
// (see Codec.Condition), or of values to values.
type Terms []Term

// Term is one entry of Terms.
type Term struct {
	Name   string   `mapstructure:"name" json:"name"`
	Values []string `mapstructure:"values" json:"values"`
}

// Shares maps values or ranges to their shares of the rows, in order.
type Shares []Share

// Share is one entry of Shares.
type Share struct {
	Name  string  `mapstructure:"name" json:"name"`
	Share float64 `mapstructure:"share" json:"share"`
}

// RuleError is a rule that does not suit the schema or the other rules.
type RuleError struct {
	Rule   int    // which, from 0
	Key    string // of the rule; "" if the whole is meant
	Entry  int    // of the mapping or list under Key; -1 if the whole is meant
	Reason string // what is wrong, and the fix
}

// Path is where the fault lies: rules[2].map[3].
func (e *RuleError) Path() string {
	path := fmt.Sprintf("rules[%d]", e.Rule)
	if e.Key != "" {
		path += "." + e.Key
	}
	if e.Entry >= 0 {
		path += fmt.Sprintf("[%d]", e.Entry)
	}
	return path
}

// Error names rule, key and fault.
func (e *RuleError) Error() string {
	where := fmt.Sprintf("rules[%d]", e.Rule)
	if e.Key != "" {
		where += "." + e.Key
	}
	return "tabular: " + where + ": " + e.Reason
}

// kinds are the keys of each kind of rule, the one that tells it first.
var kinds = [...][]string{
	{"dependency", "determines", "map"}, {"if", "then"}, {"order", "strict"}, {"never"}, {"marginal", "shares", "confidence"},
}

// has tells which keys are set.
func (r *Rule) has() map[string]bool {
	return map[string]bool{
		"dependency": r.Dependency != "", "determines": r.Determines != "", "map": len(r.Map) > 0,
		"if": len(r.If) > 0, "then": len(r.Then) > 0, "order": len(r.Order) > 0, "strict": r.Strict,
		"never": len(r.Never) > 0, "marginal": r.Marginal != "", "shares": len(r.Shares) > 0, "confidence": r.Confidence != 0,
	}
}

// kind is the key that tells the kind, or why there is no one kind.
func (r *Rule) kind() (string, string) {
	set := r.has()
	kind, other := -1, ""
	for k, keys := range kinds {
		for _, key := range keys {
			if set[key] && kind < 0 {
				kind = k
			} else if set[key] && kind != k {
				other = key
			}
		}
	}
	switch {
	case kind < 0:
		return "", "is empty: name one of dependency, if, order, never and marginal"
	case other != "":
		return "", fmt.Sprintf("%s does not go with %s: make two rules of it", other, strings.Join(kinds[kind], ", "))
	}
	for _, key := range kinds[kind] {
		if !set[key] && key != "strict" && key != "map" {
			return "", key + " is missing or empty: it goes with " + strings.Join(kinds[kind], ", ")
		}
	}
	return kinds[kind][0], ""
}

// String is the rule in one line.
func (r *Rule) String() string {
	switch {
	case r.Dependency != "":
		return r.Dependency + " determines " + r.Determines
	case len(r.If) > 0:
		return "if " + r.If.text() + " then " + r.Then.text()
	case len(r.Order) > 0 && r.Strict:
		return strings.Join(r.Order, " < ")
	case len(r.Order) > 0:
		return strings.Join(r.Order, " <= ")
	case len(r.Never) > 0:
		return "never " + r.Never.text()
	}
	return "shares of " + r.Marginal
}

// Mention is a column of which a rule names values, and the key it does so under.
type Mention struct{ Key, Column string }

// Mentions lists the columns of which the rule names values, or needs them; that
// cells are missing, or in order, is none.
func (r *Rule) Mentions() []Mention {
	var out []Mention
	for _, part := range []struct {
		key   string
		terms Terms
	}{{"if", r.If}, {"then", r.Then}, {"never", r.Never}} {
		for _, t := range part.terms {
			if slices.ContainsFunc(t.Values, func(text string) bool { return text != wordMissing && text != wordNotMissing }) {
				out = append(out, Mention{part.key, t.Name})
			}
		}
	}
	if r.Dependency != "" && len(r.Map) > 0 {
		out = append(out, Mention{"dependency", r.Dependency})
	}
	if r.Determines != "" {
		out = append(out, Mention{"determines", r.Determines})
	}
	if r.Marginal != "" {
		out = append(out, Mention{"marginal", r.Marginal})
	}
	return out
}

func (t Terms) text() string {
	parts := make([]string, len(t))
	for i, term := range t {
		parts[i] = term.Name + "=" + strings.Join(term.Values, "|")
	}
	return strings.Join(parts, " and ")
}
