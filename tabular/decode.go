package tabular

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
)

// DecodeHook is a mapstructure decode hook (as viper.DecodeHook takes, through
// mapstructure.ComposeDecodeHookFunc) that lets a config file write `spike: 0`
// for `spike: [0]`, and `values: [0, 1, true]` without quotes. Text of numbers
// is the shortest that reads back the same: 1.0 becomes "1", so values with a
// fixed number of decimals need quotes.
func DecodeHook(_, to reflect.Type, data any) (any, error) {
	fields, ok := data.(map[string]any)
	if !ok {
		return data, nil
	}
	switch to {
	case reflect.TypeFor[Column]():
		fields = maps.Clone(fields)
		if spike, ok := fields["spike"]; ok && spike != nil {
			if _, list := spike.([]any); !list {
				fields["spike"] = []any{spike}
			}
		}
		return texts(fields, "values")
	case reflect.TypeFor[Schema]():
		return texts(maps.Clone(fields), "missing")
	}
	return data, nil
}

// texts turns the scalars of the list fields[key] into strings.
func texts(fields map[string]any, key string) (any, error) {
	list, ok := fields[key].([]any)
	if !ok {
		return fields, nil
	}
	out := make([]any, len(list))
	for i, v := range list {
		switch v := v.(type) {
		case nil:
			out[i] = ""
		case string:
			out[i] = v
		case float64:
			out[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case bool, int, int64, uint64:
			out[i] = fmt.Sprint(v)
		default:
			return nil, fmt.Errorf("tabular: %s[%d]=%v: want text; put it in quotes", key, i, v)
		}
	}
	fields[key] = out
	return fields, nil
}
