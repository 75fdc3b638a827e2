package configs

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-viper/mapstructure/v2"
)

// Decode is the config of tree: values as Parse gives them, or texts that Origins.Set has
// seen. What tree leaves out is as in Default.
func Decode(tree map[string]any, from *Origins) (*Config, error) {
	tree = filled(tree, reflect.ValueOf(Default()))
	var config Config
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{Result: &config, DecodeHook: decodeText})
	if err != nil {
		return nil, err
	}
	if err := decoder.Decode(tree); err != nil {
		return nil, fmt.Errorf("%s: %w", from.file, err)
	}
	from.markZeros(tree)
	return &config, nil
}

// filled is tree with the values of section for what it leaves out; what the program is
// to choose is the word auto.
func filled(tree map[string]any, section reflect.Value) map[string]any {
	full := map[string]any{}
	for _, f := range sectionKeys(section.Type()) {
		value, standard := tree[f.name], section.FieldByIndex(f.index)
		switch {
		case f.typ.Kind() == reflect.Struct:
			below, _ := value.(map[string]any)
			full[f.name] = filled(below, standard)
		case value != nil:
			full[f.name] = value
		case f.typ.Kind() == reflect.Pointer && standard.IsZero():
			full[f.name] = auto
		default:
			full[f.name] = standard.Interface()
		}
	}
	return full
}

// decodeText is the decoder's hook: a string where none belongs is the word auto, or a
// text that Origins.Set has seen.
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

// markZeros marks the keys whose zero is written out, as only auto may be decoded to it.
func (o *Origins) markZeros(tree map[string]any) {
	for key, typ := range leaves() {
		if typ != reflect.TypeFor[*atLeastOne]() {
			continue
		}
		var value any = tree
		for name := range strings.SplitSeq(key, ".") {
			value = value.(map[string]any)[name]
		}
		if n, err := textValue("", key, fmt.Sprint(value), typ); err == nil && n == 0 {
			at := o.keys[key]
			at.zero = true
			o.keys[key] = at
		}
	}
}
