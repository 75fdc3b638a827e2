package sample

import "fmt"

// Config is what rows are wanted.
type Config struct {
	// Seed repeats the public randomness.
	Seed uint64
	// Rows is how many rows will be asked for in all.
	Rows int
	// Refine is what a sample of at most RefinedRows rows is brought closer to:
	// see the constants. "" is RefineAuto.
	Refine string
	// Where are conditions that all rows meet: COLUMN=WANTED, where WANTED is what
	// tabular.Codec.Condition reads, or several of it separated by |. They cost no
	// privacy, being answered by the model.
	Where []string
	// Balance names a listed column whose values, those that Where leaves, are
	// drawn equally often; "": none.
	Balance string
}

// Validate reports what cannot be sampled.
func (c *Config) Validate() error {
	if c.Rows < 1 {
		return fmt.Errorf("gan: sample rows=%d: must be at least 1", c.Rows)
	}
	return nil
}
