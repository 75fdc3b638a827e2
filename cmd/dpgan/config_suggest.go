package main

import (
	"slices"
	"strings"
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
	if near, ok := nearest(name, siblings); ok {
		return "; did you mean " + section + near + "?"
	}
	var leaves []string
	byLeaf := map[string]string{}
	for known := range configKeys() {
		leaf := known[strings.LastIndexByte(known, '.')+1:]
		leaves = append(leaves, leaf)
		if byLeaf[leaf] == "" || known < byLeaf[leaf] {
			byLeaf[leaf] = known
		}
	}
	if near, ok := nearest(name, leaves); ok {
		return "; did you mean " + byLeaf[near] + "?"
	}
	return "; known here: " + strings.Join(siblings, ", ")
}

// suggest is suggestKey for names without sections.
func suggest(name string, known []string) string {
	if near, ok := nearest(name, known); ok {
		return "; did you mean " + near + "?"
	}
	return ""
}

// nearest is the known word with the least edit distance from word, if at most
// a third of its letters, and at least two, must change.
func nearest(word string, known []string) (string, bool) {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := editDistance(strings.ToLower(word), strings.ToLower(k)); d < least && d < len(k) {
			best, least = k, d
		}
	}
	return best, best != ""
}

// editDistance is the number of insertions, deletions, substitutions and swaps
// of neighbours that turn a into b (optimal string alignment).
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row := make([]int, len(t)+1)
		row[0] = i
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}
