package configs

import (
	"errors"
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Set notes that place sets key to text, such as privacy.target_epsilon to 3, above all
// earlier places. It refuses a text that is no value of key.
func (o *Origins) Set(place, key, text string) error {
	typ, known := leaves()[key]
	switch {
	case !known && isSection(key):
		return fmt.Errorf("%s: %s is a section: set one of its keys, such as %s", place, key, firstLeaf(key))
	case !known:
		return fmt.Errorf("%s: unknown key %q%s", place, key, suggestKey(key, siblings(key)))
	}
	if _, err := textValue(place, key, text, typ); err != nil {
		return err
	}
	o.keys[key] = origin{place: place}
	return nil
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
