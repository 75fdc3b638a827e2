package tabular

import (
	"fmt"
	"strings"
)

// DataError is a file that does not hold what the schema declares. It is the
// user's to mend, in the file or in the schema, and says how.
type DataError struct {
	File   string // path as given to Read
	Line   int    // 1-based line of a CSV file, row of a Parquet file; 0 if the whole file is meant
	Column string // declared or found column name; "" if no single column is meant
	Value  string // offending cell, at most 40 runes
	Reason string // what is wrong, and the fix

	rows  bool // Line counts rows, since Parquet has no lines
	value bool // Value is meant, even if it is ""
	cause error
}

// Error is `tabular: file:line: column "c": value "v": reason`, without the
// parts that do not apply.
func (e *DataError) Error() string {
	var b strings.Builder
	b.WriteString("tabular: ")
	b.WriteString(e.File)
	if e.Line > 0 && e.rows {
		fmt.Fprintf(&b, ": row %d", e.Line)
	} else if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ": column %q", shorten(e.Column))
	}
	if e.value || e.Value != "" {
		fmt.Fprintf(&b, ": value %q", e.Value)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	return b.String()
}

// Unwrap is the error of the system or of the decoder below, if there is one.
func (e *DataError) Unwrap() error { return e.cause }

// shortenedRunes bounds a quoted cell in a message.
const shortenedRunes = 40

// shorten cuts s to 40 runes, the last of which is "…" if any were cut.
func shorten(s string) string {
	n := 0
	cut := 0
	for i := range s {
		if n == shortenedRunes-1 {
			cut = i
		}
		if n == shortenedRunes {
			return s[:cut] + "…"
		}
		n++
	}
	return s
}
