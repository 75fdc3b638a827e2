package tabular

import (
	"encoding/json"
	"slices"
)

// Type is what a column holds.
type Type string

// The types of columns.
const (
	Integer     Type = "integer"     // whole numbers within Bounds
	Real        Type = "real"        // decimal numbers within Bounds
	Categorical Type = "categorical" // one of Values, without order
	Ordinal     Type = "ordinal"     // one of Values, in ascending order
	Boolean     Type = "boolean"     // Values is {no, yes}; false and true if absent
	Datetime    Type = "datetime"    // dates or times within Bounds, by Format
	ID          Type = "id"          // never learned; counted from 1 by Format
)

// The scales of a numeric column.
const (
	Linear = "linear" // the default
	Log    = "log"    // bins, and the grid of a real column without Precision, are even in log(x)
)

// What happens to cells outside the bounds or values of a column.
const (
	refuse = "refuse" // the default
	clamp  = "clamp"
)

// Column declares one column: public knowledge, in the order of the table.
type Column struct {
	Name string `mapstructure:"name" yaml:"name" json:"name"`
	Type Type   `mapstructure:"type" yaml:"type" json:"type"`
	// Bounds is {lo, hi}, both allowed: numbers, or dates in the column's Format
	// or in ISO 8601.
	Bounds []any `mapstructure:"bounds" yaml:"bounds,omitempty" json:"bounds,omitempty"`
	// Values lists the categories; code k is Values[k].
	Values []string `mapstructure:"values" yaml:"values,omitempty" json:"values,omitempty"`
	// Precision is the number of decimals of a real column. Without it the
	// bounds are cut into 2^20 steps.
	Precision *int `mapstructure:"precision" yaml:"precision,omitempty" json:"precision,omitempty"`
	// Scale is "", "linear" or "log".
	Scale string `mapstructure:"scale" yaml:"scale,omitempty" json:"scale,omitempty"`
	// Spike lists numbers that occur far more often than their neighbours, such
	// as the 0 of an amount: each gets a mode of its own.
	Spike Spikes `mapstructure:"spike" yaml:"spike,omitempty" json:"spike,omitempty"`
	// Format is a strftime format for datetime ("%Y-%m-%d" if absent), a printf
	// format for id ("%d" if absent).
	Format string `mapstructure:"format" yaml:"format,omitempty" json:"format,omitempty"`
	// Nullable allows missing cells.
	Nullable bool `mapstructure:"nullable" yaml:"nullable,omitempty" json:"nullable,omitempty"`
	// Outside is "" or "refuse", which makes a cell outside Bounds or Values an
	// error, or "clamp", which takes every cell: see Codec.Encode.
	Outside string `mapstructure:"outside" yaml:"outside,omitempty" json:"outside,omitempty"`
	// Other is the one of Values that stands for every cell not among them.
	// Without it such a cell is an error.
	Other string `mapstructure:"other" yaml:"other,omitempty" json:"other,omitempty"`
}

// Schema declares a table.
type Schema struct {
	// Missing lists the cells that mean "missing" in nullable columns; the
	// first is the one written. It is {""} if absent.
	Missing []string `mapstructure:"missing" yaml:"missing,omitempty" json:"missing,omitempty"`
	Columns []Column `mapstructure:"columns" yaml:"columns" json:"columns"`
}

// clone is a copy that shares nothing with s.
func (s *Schema) clone() Schema {
	out := Schema{Missing: slices.Clone(s.Missing), Columns: slices.Clone(s.Columns)}
	for i := range out.Columns {
		c := &out.Columns[i]
		c.Bounds = slices.Clone(c.Bounds)
		c.Values = slices.Clone(c.Values)
		c.Spike = slices.Clone(c.Spike)
		if c.Precision != nil {
			p := *c.Precision
			c.Precision = &p
		}
	}
	return out
}

// Spikes is a list of numbers which may be written as a single number.
type Spikes []float64

// UnmarshalJSON reads a number or a list of numbers.
func (s *Spikes) UnmarshalJSON(data []byte) error {
	return s.unmarshal(func(to any) error { return json.Unmarshal(data, to) })
}

// UnmarshalYAML reads a number or a list of numbers.
func (s *Spikes) UnmarshalYAML(unmarshal func(any) error) error { return s.unmarshal(unmarshal) }

func (s *Spikes) unmarshal(decode func(any) error) error {
	var list []float64
	if decode(&list) == nil {
		*s = list
		return nil
	}
	var one float64
	if err := decode(&one); err != nil {
		return err
	}
	*s = Spikes{one}
	return nil
}
