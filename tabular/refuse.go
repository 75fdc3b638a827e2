package tabular

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// refuseNumber says why a cell is no number.
func refuseNumber(cell string) string {
	if v, err := strconv.ParseFloat(cell, 64); err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		return "not a finite number: add it to missing and declare nullable: true, or correct the cell"
	}
	return "not a number: correct the cell, add it to missing, or declare another type"
}

// refuseEncoding is the reason for a cell that is not text.
const refuseEncoding = "not valid UTF-8: save the file as UTF-8"

// refuseMissing is the reason for a missing cell where there may be none.
const refuseMissing = "missing cell: declare nullable: true, or fill the cell"

// longestCompared bounds the quadratic cost of nearest.
const longestCompared = 64

// nearest is the candidate within an edit distance of a third of s, or "".
func nearest(s string, candidates []string) string {
	if !utf8.ValidString(s) || len(s) > longestCompared {
		return ""
	}
	best, found := utf8.RuneCountInString(s)/3+1, ""
	for _, c := range candidates {
		if len(c) > longestCompared {
			continue
		}
		if d := distance([]rune(s), []rune(c)); d < best || d == best && found == "" && d < len(s) {
			best, found = d, c
		}
	}
	return found
}

// distance is the Levenshtein distance of a and b, blind to ASCII case.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := 1
			if lower(x) == lower(y) {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
