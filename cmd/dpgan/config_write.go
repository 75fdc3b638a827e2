package main

import (
	"bytes"
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// yaml is the resolved config: every key with the value the run used, and
// absolute paths, so that it can be given to --config again.
func (c *Config) yaml() ([]byte, error) {
	var document yaml.Node
	if err := document.Encode(c); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	writeAuto(&document, reflect.ValueOf(*c))
	layOut(&document)
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return text.Bytes(), nil
}

// writeAuto writes the word auto for the zeros of section that stand for it.
func writeAuto(n *yaml.Node, section reflect.Value) {
	for _, f := range sectionKeys(section.Type()) {
		value := section.FieldByIndex(f.index)
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch {
			case n.Content[i].Value != f.name:
			case f.typ.Kind() == reflect.Struct:
				writeAuto(n.Content[i+1], value)
			case f.typ == reflect.TypeFor[*atLeastOne]() && value.IsZero():
				n.Content[i+1].SetString(auto)
			}
		}
	}
}

// layOut writes what the program is to choose as the word auto, not as null,
// and lists of scalars and their owners, such as a column, on one line.
func layOut(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		n.Tag, n.Value = "!!str", auto
	}
	scalars := len(n.Content) > 0
	for _, child := range n.Content {
		layOut(child)
		scalars = scalars && child.Kind == yaml.ScalarNode
		if n.Kind == yaml.SequenceNode && child.Kind == yaml.MappingNode {
			child.Style |= yaml.FlowStyle
		}
	}
	if n.Kind == yaml.SequenceNode && scalars {
		n.Style |= yaml.FlowStyle
	}
}
