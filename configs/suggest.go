package configs

import (
	"maps"
	"slices"
	"strings"

	"github.com/dpgan/dpgan/internal/nearest"
)

// goneKeys are keys of earlier versions, and what takes their place.
var goneKeys = map[string]string{
	"model.max_modes":                  "how finely numbers are cut follows from the noise",
	"model.generator.hidden":           "the layers follow from the columns and the noise; model.generator.atoms sets how much a generator can tell apart",
	"training.generator_batch_size":    "a step of the generator is on all of model.generator.atoms",
	"training.generator_learning_rate": "it follows from the noise",
	"training.ema_decay":               "the generator that fits best what is held out is kept",
}

// suggestKey names the right key for an unknown one: what has replaced it, the nearest in
// its own section, else the same word elsewhere in the config, else what there is.
func suggestKey(key string, siblings []string) string {
	if instead, gone := goneKeys[key]; gone {
		return ", no longer: " + instead + "; leave it out"
	}
	section, name := key[:strings.LastIndexByte(key, '.')+1], key[strings.LastIndexByte(key, '.')+1:]
	if near := nearest.Word(name, siblings); near != "" {
		return "; did you mean " + section + near + "?"
	}
	byLeaf := map[string]string{}
	for known := range leaves() {
		leaf := known[strings.LastIndexByte(known, '.')+1:]
		if byLeaf[leaf] == "" || known < byLeaf[leaf] {
			byLeaf[leaf] = known
		}
	}
	if near := nearest.Word(name, slices.Sorted(maps.Keys(byLeaf))); near != "" {
		return "; did you mean " + byLeaf[near] + "?"
	}
	return "; known here: " + strings.Join(siblings, ", ")
}
