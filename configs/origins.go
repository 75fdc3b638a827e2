package configs

import "strings"

// Origins are the places that last set the keys of a config, for its errors and for what
// its paths are relative to. nil knows none.
type Origins struct {
	file string
	keys map[string]origin // by dotted key
}

// origin is the place that last set a key.
type origin struct {
	place string // "medical.yaml:12", "--set", "DPGAN_RUNTIME_DEVICE"
	file  bool
	zero  bool // 0 is written where Go's zero is auto
}

// of is the place of key, or of the nearest section above it that a place set.
func (o *Origins) of(key string) string {
	for o != nil && key != "" {
		if at, ok := o.keys[key]; ok {
			return at.place
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return ""
}

// inFile tells that key is as the file sets it.
func (o *Origins) inFile(key string) bool { return o != nil && o.keys[key].file }
