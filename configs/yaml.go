package configs

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// auto is the word for a value that the program chooses: a nil pointer, or the zero
// of a field tagged auto:"zero".
const auto = "auto"

// maxNodes bounds what aliases can unfold a config to.
const maxNodes = 1 << 20

// Parse reads the text of file as the tree that Config describes: every key known,
// every value of its key's type, no key twice. from knows each key's line, beside an
// error too, as far as it was read.
func Parse(file string, text []byte) (tree map[string]any, from *Origins, err error) {
	from = &Origins{file: file, keys: map[string]origin{}}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, from, fmt.Errorf("%s: %s", file, strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", " "), "yaml: "))
	}
	if len(document.Content) == 0 {
		return map[string]any{}, from, nil
	}
	r := yamlReader{place: file, lines: true, from: from}
	tree = r.section(document.Content[0], reflect.TypeFor[Config](), "")
	return tree, from, errors.Join(r.errs...)
}

// yamlReader turns YAML nodes into values of the types that Config declares,
// and collects what is wrong on the way.
type yamlReader struct {
	place string
	lines bool
	from  *Origins
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
	if r.nodes++; r.nodes > maxNodes {
		if r.nodes == maxNodes+1 {
			r.fail(n, "the config unfolds to more than %d values: use fewer aliases", maxNodes)
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

func (r *yamlReader) wrong(n *yaml.Node, typ reflect.Type, key string) error {
	return fmt.Errorf("%s: %s=%s: must be %s", r.at(n), key, excerpt(n), typeWords(typ))
}

// record notes the place of a key that the file sets.
func (r *yamlReader) record(key string, n *yaml.Node) {
	if r.from != nil {
		r.from.keys[key] = origin{place: r.at(n), file: true}
	}
}
