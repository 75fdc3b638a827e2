package tabular

import (
	"fmt"
	"slices"

	"github.com/dpgan/dpgan/internal/nearest"
)

// position finds the learned columns in the header of a file: positions[j] is
// the field of learned column j. All declared columns must be there, in any
// order, and no others. It returns the column at fault and the reason.
func (c *Codec) position(header []string) (positions []int, fault, reason string) {
	declared := make([]string, len(c.schema.Columns))
	for i := range c.schema.Columns {
		declared[i] = c.schema.Columns[i].Name
	}
	field := make(map[string]int, len(header))
	for i, name := range header {
		if _, twice := field[name]; twice {
			return nil, name, "occurs twice in the header: rename or remove one"
		}
		field[name] = i
	}
	for _, name := range declared {
		if _, ok := field[name]; !ok {
			return nil, name, "declared, but not in the header" + nearestOf(name, header, declared) + ": correct the header or the schema"
		}
	}
	for _, name := range header {
		if !slices.Contains(declared, name) {
			return nil, name, "in the header, but not declared" + nearestOf(name, declared, header) + ": declare it or remove it from the file"
		}
	}
	positions = make([]int, len(c.learned))
	for j, i := range c.learned {
		positions[j] = field[declared[i]]
	}
	return positions, "", ""
}

// nearestOf suggests a candidate that is not matched already.
func nearestOf(name string, candidates, matched []string) string {
	var free []string
	for _, candidate := range candidates {
		if !slices.Contains(matched, candidate) {
			free = append(free, candidate)
		}
	}
	if near := nearest.Word(name, free); near != "" {
		return fmt.Sprintf(" (nearest: %q)", shorten(near))
	}
	return ""
}
