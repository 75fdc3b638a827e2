package configs

import (
	"reflect"
	"strconv"

	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// MarshalYAML writes the rules as mapping reads them.
func (l RuleList) MarshalYAML() (any, error) {
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
