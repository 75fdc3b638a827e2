package tabular

import (
	"fmt"
	"slices"
)

// DiscoveredFacts is what discovery found of a column, all of it already private.
type DiscoveredFacts struct {
	// Low and High bound the column: [Low, High), numbers or days since 1970.
	Low, High float64
	// Values are the categories that enough rows share.
	Values []string
	// Nullable tells that enough cells are missing.
	Nullable bool
}

// OtherValue stands for the cells whose category was not found.
const OtherValue = "other"

// Fill is the schema with what was found of its gaps. A column with a filled
// gap refuses no cell, since an error would tell what the answers hide: numbers
// are clamped, categories not found become OtherValue.
func (s *Schema) Fill(gaps []Gap, found map[int]DiscoveredFacts) Schema {
	out := s.clone()
	for _, gap := range gaps {
		c, f := &out.Columns[gap.Column], found[gap.Column]
		switch gap.Fact {
		case FactBounds:
			c.setBounds(f.Low, f.High)
		case FactValues:
			c.Values = slices.Clone(f.Values)
			if !slices.Contains(c.Values, OtherValue) {
				c.Values = append(c.Values, OtherValue)
			}
			c.Other = OtherValue
		case FactNullable:
			c.Nullable = f.Nullable
		}
		if c.Other == "" {
			c.Outside = clamp
		}
	}
	return out
}

// FillFrom is Fill with the answers that earlier, the schema of the same table
// with its gaps filled, holds.
func (s *Schema) FillFrom(gaps []Gap, earlier Schema) (Schema, error) {
	out := s.clone()
	for _, gap := range gaps {
		if gap.Column >= len(earlier.Columns) || earlier.Columns[gap.Column].Name != gap.Name {
			return out, fmt.Errorf("tabular: column %q: another column stood there when its %s were found", gap.Name, gap.Fact)
		}
		out.Columns[gap.Column] = earlier.Columns[gap.Column]
	}
	return out.clone(), nil
}
