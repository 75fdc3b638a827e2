package configs

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// YAML is the resolved config: every key with the value the run used, and
// absolute paths, so that it can be read again.
func (c *Config) YAML() ([]byte, error) {
	var document yaml.Node
	if err := document.Encode(c); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	writeAuto(&document, reflect.ValueOf(*c))
	text, err := written(&document)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return text, nil
}

// SchemaYAML is the part of a config that describes the columns of schema.
func SchemaYAML(schema tabular.Schema) ([]byte, error) {
	type section struct {
		Missing []string         `yaml:"missing,flow"`
		Columns []tabular.Column `yaml:"columns"`
	}
	var document yaml.Node
	if err := document.Encode(map[string]section{"data": {schema.Missing, schema.Columns}}); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	text, err := written(&document)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return text, nil
}

// written is document as this package lays YAML out.
func written(document *yaml.Node) ([]byte, error) {
	layOut(document)
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(document)
	return text.Bytes(), err
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
