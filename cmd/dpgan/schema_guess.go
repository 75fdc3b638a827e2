package main

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dpgan/dpgan/tabular"
)

// nameWords are the words in a column's name that suggest its type, the first
// match in this order. Everything else is taken for categorical.
var nameWords = []struct {
	is    tabular.Type
	words []string
}{
	{tabular.ID, []string{"id", "uuid", "guid", "key", "identifier", "ssn", "mrn", "email"}},
	{tabular.Datetime, []string{"date", "datetime", "time", "timestamp", "dob", "birthdate", "birthday", "at"}},
	{tabular.Boolean, []string{"is", "has", "flag"}},
	{tabular.Real, []string{"amount", "price", "cost", "costs", "income", "salary", "wage", "rate", "ratio", "score", "weight", "height",
		"bmi", "temperature", "pressure", "balance", "percent", "pct", "mean", "avg", "gain", "loss", "charge", "charges", "distance"}},
	{tabular.Integer, []string{"age", "year", "years", "month", "months", "day", "days", "hour", "hours", "minutes", "count", "num", "number",
		"n", "qty", "quantity", "total", "visits", "size"}},
}

// guessType guesses from the name alone.
func guessType(name string) tabular.Type {
	words := strings.FieldsFunc(splitCamel(name), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, kind := range nameWords {
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(kind.words, w) }) {
			return kind.is
		}
	}
	return tabular.Categorical
}

// splitCamel is name in lower case with a space before each capital that
// follows a small letter.
func splitCamel(name string) string {
	var b strings.Builder
	small := false
	for _, r := range name {
		if small && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
