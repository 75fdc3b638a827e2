package configs

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// nameOf is a dotted key; the whole config has none.
func nameOf(path string) string {
	if path == "" {
		return "config"
	}
	return path
}

// excerpt is a node as an error shows it.
func excerpt(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "{…}"
	case yaml.SequenceNode:
		return "[…]"
	}
	text := []rune(n.Value)
	if len(text) > 40 {
		return fmt.Sprintf("%q…", string(text[:40]))
	}
	if n.Tag == "!!str" || n.Value == "" {
		return fmt.Sprintf("%q", n.Value)
	}
	return n.Value
}

// typeWords says what a value of typ looks like.
func typeWords(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[tabular.Terms]():
		return "a mapping { : , }, each to a text or a list of texts"
	case typ == reflect.TypeFor[tabular.Shares]():
		return "a mapping { : , }, each to a number"
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return typeWords(typ.Elem()) + ", or auto"
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Struct {
			return "a list of sections with the keys " + strings.Join(fieldNames(typ.Elem()), ", ")
		}
		return "a list [ , ], each " + strings.TrimPrefix(typeWords(typ.Elem()), "each ")
	case reflect.Array:
		return fmt.Sprintf("a list of %d, each %s", typ.Len(), typeWords(typ.Elem()))
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "a whole number"
	}
	return "a number or a date"
}
