package configs

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// atLeastOne is the type of a number that the program chooses where it is zero in
// Go: a file says auto instead, and 0 is a mistake. A field says so by auto:"zero".
type atLeastOne int

// field is one key of a section: a leaf or a section of its own. A pointer is what
// may be auto.
type field struct {
	name  string
	typ   reflect.Type
	index []int
}

// sectionKeys lists the keys of a section by the mapstructure tags of its
// struct, in order of declaration.
func sectionKeys(section reflect.Type) []field {
	var fields []field
	for _, f := range reflect.VisibleFields(section) {
		name, _, _ := strings.Cut(f.Tag.Get("mapstructure"), ",")
		if name == "" || name == "-" {
			continue
		}
		typ := f.Type
		if f.Tag.Get("auto") == "zero" {
			typ = reflect.TypeFor[*atLeastOne]()
		}
		fields = append(fields, field{name: name, typ: typ, index: f.Index})
	}
	return fields
}

// leaves maps the dotted key of every leaf to its type. A list is a leaf.
func leaves() map[string]reflect.Type {
	keys := map[string]reflect.Type{}
	var walk func(reflect.Type, string)
	walk = func(section reflect.Type, prefix string) {
		for _, f := range sectionKeys(section) {
			if f.typ.Kind() == reflect.Struct {
				walk(f.typ, prefix+f.name+".")
			} else {
				keys[prefix+f.name] = f.typ
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
	return keys
}

// Keys are the dotted keys of all leaves, in order.
func Keys() []string { return slices.Sorted(maps.Keys(leaves())) }

// isSection tells that key names a section, not a leaf.
func isSection(key string) bool {
	for known := range leaves() {
		if strings.HasPrefix(known, key+".") {
			return true
		}
	}
	return false
}

// siblings are the keys of the section that key is in, as far as it exists.
func siblings(key string) []string {
	typ := reflect.TypeFor[Config]()
	names := strings.Split(key, ".")
	for _, name := range names[:len(names)-1] {
		for _, f := range sectionKeys(typ) {
			if f.name == name && f.typ.Kind() == reflect.Struct {
				typ = f.typ
				break
			}
		}
	}
	return fieldNames(typ)
}

// fieldNames are the names of a section's keys.
func fieldNames(typ reflect.Type) []string {
	var names []string
	for _, f := range sectionKeys(typ) {
		names = append(names, f.name)
	}
	return names
}

// firstLeaf is the first key of a section, for an example.
func firstLeaf(section string) string {
	best := ""
	for key := range leaves() {
		if strings.HasPrefix(key, section+".") && (best == "" || key < best) {
			best = key
		}
	}
	return best
}
