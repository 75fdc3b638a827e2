package main

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// ruleList is the `rules` section. Its mappings keep their order, since what
// stands last in a rule is what is changed first in a row that breaks it.
type ruleList []tabular.Rule

// isMapping tells that typ is a list of pairs which YAML writes as a mapping.
func isMapping(typ reflect.Type) bool {
	return typ == reflect.TypeFor[tabular.Terms]() || typ == reflect.TypeFor[tabular.Shares]()
}

// mapping reads a mapping as Terms, of names to a value or a list of values, or
// as Shares, of names to numbers. It records the line of entry i as key[i].
func (r *yamlReader) mapping(n *yaml.Node, typ reflect.Type, key string) any {
	if n.Kind != yaml.MappingNode {
		r.errs = append(r.errs, r.wrong(n, typ, key))
		return nil
	}
	firstLine := map[string]int{}
	entries := make([]any, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := followed(n.Content[i]), followed(n.Content[i+1])
		text, ok := scalar(name, reflect.TypeFor[string]())
		if !ok {
			r.fail(name, "%s: a name is %s: must be a text", key, excerpt(name))
			continue
		}
		if line, twice := firstLine[name.Value]; twice {
			r.fail(name, "%s: %q stands in line %d already: remove one of the two", key, name.Value, line)
			continue
		}
		firstLine[name.Value] = name.Line
		r.record(fmt.Sprintf("%s[%d]", key, len(entries)), name)
		entry, of := map[string]any{"name": text}, key+"."+name.Value
		if typ == reflect.TypeFor[tabular.Shares]() {
			entry["share"] = r.value(value, reflect.TypeFor[float64](), of)
		} else {
			if value.Kind == yaml.ScalarNode {
				value = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{value}, Line: value.Line}
			}
			entry["values"] = r.value(value, reflect.TypeFor[[]string](), of)
		}
		entries = append(entries, entry)
	}
	return entries
}

// record notes the place of a key that the file sets.
func (r *yamlReader) record(key string, n *yaml.Node) {
	if r.from != nil {
		r.from[key] = origin{place: r.at(n), file: true}
	}
}

// MarshalYAML writes the rules as mapping reads them.
func (l ruleList) MarshalYAML() (any, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for k := range l {
		rule := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		value := reflect.ValueOf(l[k])
		for _, f := range sectionKeys(value.Type()) {
			if v := value.FieldByIndex(f.index); !v.IsZero() {
				rule.Content = append(rule.Content, textNode(f.name), ruleNode(v.Interface()))
			}
		}
		list.Content = append(list.Content, rule)
	}
	return list, nil
}

// ruleNode is the value of a rule's key.
func ruleNode(value any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	switch v := value.(type) {
	case tabular.Terms:
		for _, t := range v {
			to := ruleNode(t.Values)
			if len(t.Values) == 1 {
				to = textNode(t.Values[0])
			}
			n.Content = append(n.Content, textNode(t.Name), to)
		}
	case tabular.Shares:
		for _, s := range v {
			n.Content = append(n.Content, textNode(s.Name), numberNode(s.Share))
		}
	case []string:
		n.Kind = yaml.SequenceNode
		for _, text := range v {
			n.Content = append(n.Content, textNode(text))
		}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	case float64:
		return numberNode(v)
	case string:
		return textNode(v)
	}
	return n
}

// textNode is a text, quoted where it would read as something else.
func textNode(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}

func numberNode(x float64) *yaml.Node {
	n := &yaml.Node{}
	_ = n.Encode(x) // a float64 always encodes
	return n
}

// checkRules compares the rules with the schema, as far as it is declared.
func (c *Config) checkRules(from origins) error {
	if len(c.Rules) == 0 {
		return nil
	}
	schema := c.Data.schema()
	standIn := schema.StandIn(schema.Gaps())
	codec, err := standIn.Compile()
	if err != nil {
		return nil // every command compiles the schema, and says what is wrong with it
	}
	domain, err := tabular.NewDomain(codec, c.Rules)
	if err == nil {
		settings := c.settings(domain)
		err = settings.Mappable()
	}
	var placed []error
	for _, e := range problems(errors.Join(err, c.rulesOnGaps(schema.Gaps()))) {
		if fault := (*tabular.RuleError)(nil); errors.As(e, &fault) {
			if place := from.of(fault.Path()); place != "" {
				e = fmt.Errorf("%s: %w", place, e)
			}
		}
		placed = append(placed, e)
	}
	return errors.Join(placed...)
}

// rulesOnGaps refuses rules that name values of a column whose values or bounds
// are to be found: whether they exist would show only after they were paid for.
func (c *Config) rulesOnGaps(gaps []tabular.Gap) error {
	var errs []error
	for k := range c.Rules {
		for _, mention := range c.Rules[k].Mentions() {
			for _, gap := range gaps {
				if c.Rules[k].Dependency != "" && len(c.Rules[k].Map) == 0 && gap.Fact != tabular.FactBounds {
					continue // a map is found of whatever values are
				}
				if gap.Name == mention.Column {
					errs = append(errs, &tabular.RuleError{Rule: k, Key: mention.Key, Entry: -1, Reason: fmt.Sprintf(
						"column %q: its %s are not declared, and a rule may name none that is still to be found: declare them", gap.Name, gap.Fact)})
				}
			}
		}
	}
	return errors.Join(errs...)
}
