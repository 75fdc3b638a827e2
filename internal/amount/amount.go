// Package amount writes whole numbers for people: 30,000 rows. It must not know what is
// counted.
package amount

import (
	"strconv"
	"strings"
)

// Of is "1 row" or "30,000 rows".
func Of(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}

// Grouped writes n with a comma every three digits.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && digits[i-1] != '-' && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
