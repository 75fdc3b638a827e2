// Package nearest finds the word that was meant where an unknown one was written. It
// must not know what words are for.
package nearest

import (
	"strings"
	"unicode/utf8"
)

// longest bounds the words that are compared, in bytes, since comparing is quadratic.
const longest = 64

// Word is the one of known with the least distance from word, blind to case, if at
// most a third of word's letters, or two, must change, and not all of either; of
// equally near ones the first. It is "" if there is none.
func Word(word string, known []string) string {
	if !utf8.ValidString(word) || len(word) > longest {
		return ""
	}
	letters := []rune(strings.ToLower(word))
	best, least := "", max(2, len(letters)/3)+1
	for _, k := range known {
		if len(k) > longest {
			continue
		}
		other := []rune(strings.ToLower(k))
		if d := distance(letters, other); d < least && d < min(len(letters), len(other)) {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of insertions, deletions, substitutions and swaps of
// neighbours that turn a into b, with no letter touched twice (optimal string
// alignment): row i holds the distances of a's first i letters from the beginnings of b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
