package configs

import (
	"math"
	"reflect"

	"github.com/dpgan/dpgan/tabular"
	"go.yaml.in/yaml/v3"
)

// isMapping tells that typ is a list of pairs which YAML writes as a mapping.
func isMapping(typ reflect.Type) bool {
	return typ == reflect.TypeFor[tabular.Terms]() || typ == reflect.TypeFor[tabular.Shares]()
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

// followed is n, or what it is an alias of.
func followed(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
