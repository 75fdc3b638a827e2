package main

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// auto is the word for a value that the program chooses: a nil pointer, or the zero
// of a field tagged auto:"zero".
const auto = "auto"

// maxConfigNodes bounds what aliases can unfold a config to.
const maxConfigNodes = 1 << 20

// parseConfig reads YAML as the tree that Config describes: every key known,
// every value of its key's type, no key twice. It records each key's line in from.
func parseConfig(file string, text []byte, from origins) (map[string]any, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %s", file, strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", " "), "yaml: "))
	}
	if len(document.Content) == 0 {
		return map[string]any{}, nil
	}
	r := yamlReader{place: file, lines: true, from: from}
	tree := r.section(document.Content[0], reflect.TypeFor[Config](), "")
	return tree, errors.Join(r.errs...)
}

// checkText reports whether text, as --set or a variable gives it, is a value of key.
func checkText(place, key, text string) error {
	typ, known := configKeys()[key]
	switch {
	case !known && isSection(key):
		return fmt.Errorf("%s: %s is a section: set one of its keys, such as %s", place, key, firstLeaf(key))
	case !known:
		return fmt.Errorf("%s: unknown key %q%s", place, key, suggestKey(key, siblings(key)))
	}
	_, err := textValue(place, key, text, typ)
	return err
}

// textValue reads text as a value of typ: strings as they are, all else as YAML.
func textValue(place, key, text string, typ reflect.Type) (any, error) {
	if typ.Kind() == reflect.String {
		return text, nil
	}
	r := yamlReader{place: place}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil || len(document.Content) == 0 {
		return nil, r.wrong(&yaml.Node{Kind: yaml.ScalarNode, Value: text}, typ, key)
	}
	value := r.value(document.Content[0], typ, key)
	return value, errors.Join(r.errs...)
}

// decodeText is viper's decode hook: a string where none belongs is the word
// auto, or a value from --set or the environment, which checkText has seen.
func decodeText(_, to reflect.Type, value any) (any, error) {
	text, ok := value.(string)
	switch {
	case !ok || to.Kind() == reflect.String || to.Kind() == reflect.Interface:
		return value, nil
	case text == auto && to.Kind() == reflect.Pointer:
		return nil, nil
	case text == auto:
		return reflect.Zero(to).Interface(), nil
	}
	return textValue("", "", text, to)
}

// yamlReader turns YAML nodes into values of the types that Config declares,
// and collects what is wrong on the way.
type yamlReader struct {
	place string
	lines bool
	from  origins
	nodes int
	errs  []error
}

func (r *yamlReader) at(n *yaml.Node) string {
	if r.lines {
		return fmt.Sprintf("%s:%d", r.place, n.Line)
	}
	return r.place
}

func (r *yamlReader) fail(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %s", r.at(n), fmt.Sprintf(format, args...)))
}

// section reads a mapping as the struct typ. An empty section is all defaults.
func (r *yamlReader) section(n *yaml.Node, typ reflect.Type, path string) map[string]any {
	n = followed(n)
	tree := map[string]any{}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return tree
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s=%s: must be a section with the keys %s", nameOf(path), excerpt(n), strings.Join(fieldNames(typ), ", "))
		return tree
	}
	fields := map[string]field{}
	for _, f := range sectionKeys(typ) {
		fields[f.name] = f
	}
	firstLine := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		key := strings.TrimPrefix(path+"."+name.Value, ".")
		f, known := fields[name.Value]
		if !known || name.Kind != yaml.ScalarNode {
			r.fail(name, "unknown key %q%s", key, suggestKey(key, fieldNames(typ)))
			continue
		}
		if line, twice := firstLine[name.Value]; twice {
			r.fail(name, "key %q is already set in line %d: remove one of the two", key, line)
			continue
		}
		firstLine[name.Value] = name.Line
		tree[name.Value] = r.value(value, f.typ, key)
		r.record(key, name)
	}
	return tree
}

// value reads a node as typ. Where typ is a string the scalar's text is kept as
// written, so that the category 007 stays 007 and 1.0 does not become 1.
func (r *yamlReader) value(n *yaml.Node, typ reflect.Type, key string) any {
	n = followed(n)
	if r.nodes++; r.nodes > maxConfigNodes {
		if r.nodes == maxConfigNodes+1 {
			r.fail(n, "the config unfolds to more than %d values: use fewer aliases", maxConfigNodes)
		}
		return nil
	}
	if isMapping(typ) {
		return r.mapping(n, typ, key)
	}
	switch typ.Kind() {
	case reflect.Struct:
		return r.section(n, typ, key)
	case reflect.Slice, reflect.Array:
		return r.list(n, typ, key)
	case reflect.Pointer:
		if n.Kind == yaml.ScalarNode && n.Value == auto {
			return auto
		}
	}
	value, ok := scalar(n, typ)
	if !ok {
		r.errs = append(r.errs, r.wrong(n, typ, key))
	}
	return value
}

func (r *yamlReader) list(n *yaml.Node, typ reflect.Type, key string) any {
	if typ == reflect.TypeFor[tabular.Spikes]() && n.Kind == yaml.ScalarNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}, Line: n.Line}
	}
	if n.Kind != yaml.SequenceNode || (typ.Kind() == reflect.Array && len(n.Content) != typ.Len()) {
		r.errs = append(r.errs, r.wrong(n, typ, key))
		return nil
	}
	values := make([]any, 0, len(n.Content))
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", key, i)
		r.record(at, item)
		values = append(values, r.value(item, typ.Elem(), at))
	}
	return values
}

func (r *yamlReader) wrong(n *yaml.Node, typ reflect.Type, key string) error {
	return fmt.Errorf("%s: %s=%s: must be %s", r.at(n), key, excerpt(n), typeWords(typ))
}

// scalar reads a scalar node as typ, and tells whether it is one.
func scalar(n *yaml.Node, typ reflect.Type) (any, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return nil, false
	}
	number := n.Tag == "!!int" || n.Tag == "!!float"
	switch typ.Kind() {
	case reflect.Pointer:
		return scalar(n, typ.Elem())
	case reflect.String:
		return n.Value, true
	case reflect.Bool:
		var b bool
		err := n.Decode(&b)
		return b, n.Tag == "!!bool" && err == nil
	case reflect.Float64:
		var x float64
		err := n.Decode(&x)
		return x, number && err == nil
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return whole(n, typ.Kind() == reflect.Uint64)
	case reflect.Interface: // a bound: a number, or a date, which stays text
		if number {
			var v any
			err := n.Decode(&v)
			return v, err == nil
		}
		return n.Value, n.Tag == "!!str" || n.Tag == "!!timestamp"
	}
	return nil, false
}

// whole reads a whole number, which may be written 1e6.
func whole(n *yaml.Node, unsigned bool) (any, bool) {
	var i int
	if n.Tag == "!!int" && n.Decode(&i) == nil {
		return i, !unsigned || i >= 0
	}
	var x float64
	if n.Tag != "!!float" || n.Decode(&x) != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return nil, false
	}
	return int(x), !unsigned || x >= 0
}

func followed(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
