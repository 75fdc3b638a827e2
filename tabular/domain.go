package tabular

import "slices"

// Domain is what is publicly known of a table: the codes of its columns, and the rules
// that every row keeps.
type Domain struct {
	*Codec
	Rules *Rules // of Codec
}

// NewDomain compiles rules for codec.
func NewDomain(codec *Codec, rules []Rule) (*Domain, error) {
	compiled, err := codec.CompileRules(rules)
	if err != nil {
		return nil, err
	}
	return &Domain{codec, compiled}, nil
}

// Measured is the codec of the table as it is measured: columns that an order derives
// from another are their distance from it.
func (d *Domain) Measured() *Codec { return d.WithDifferences(d.Rules.Differences()) }

// Name is the name of learned column j.
func (c *Codec) Name(j int) string { return c.columns[j].name }

// Names are the names of the learned columns.
func (c *Codec) Names() []string {
	names := make([]string, len(c.columns))
	for j := range names {
		names[j] = c.columns[j].name
	}
	return names
}

// Values is the number of codes of column j other than missing.
func (c *Codec) Values(j int) uint32 { return c.columns[j].values }

// Listed reports whether column j lists its values, and codes are their indices.
func (c *Codec) Listed(j int) bool {
	return slices.Contains([]Type{Categorical, Ordinal, Boolean}, c.typ(j))
}

// Ordered reports whether the codes of column j have an order.
func (c *Codec) Ordered(j int) bool { return c.typ(j) != Categorical && c.typ(j) != Boolean }

func (c *Codec) typ(j int) Type { return c.schema.Columns[c.learned[j]].Type }
