package configs

import (
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/internal/problems"
	"github.com/dpgan/dpgan/tabular"
)

// CheckRules compares the rules with the schema, as far as it is declared, and reports
// every rule that does not fit, with its place in from.
func (c *Config) CheckRules(from *Origins) error {
	if len(c.Rules) == 0 {
		return nil
	}
	schema := c.Data.Schema()
	standIn := schema.StandIn(schema.Gaps())
	codec, err := standIn.Compile()
	if err != nil {
		return nil // Domain compiles the schema, and says what is wrong with it
	}
	domain, err := tabular.NewDomain(codec, c.Rules)
	if err == nil {
		settings := c.Settings(domain)
		err = settings.Mappable()
	}
	var placed []error
	for _, e := range problems.Of(errors.Join(err, c.rulesOnGaps(schema.Gaps()))) {
		if fault := (*tabular.RuleError)(nil); errors.As(e, &fault) {
			if place := from.of(fault.Path()); place != "" {
				e = fmt.Errorf("%s: %w", place, e)
			}
		}
		placed = append(placed, e)
	}
	return errors.Join(placed...)
}

// rulesOnGaps refuses rules that name values of a column whose values or bounds
// are to be found: whether they exist would show only after they were paid for.
func (c *Config) rulesOnGaps(gaps []tabular.Gap) error {
	var errs []error
	for k := range c.Rules {
		for _, mention := range c.Rules[k].Mentions() {
			for _, gap := range gaps {
				if c.Rules[k].Dependency != "" && len(c.Rules[k].Map) == 0 && gap.Fact != tabular.FactBounds {
					continue // a map is found of whatever values are
				}
				if gap.Name == mention.Column {
					errs = append(errs, &tabular.RuleError{Rule: k, Key: mention.Key, Entry: -1, Reason: fmt.Sprintf(
						"column %q: its %s are not declared, and a rule may name none that is still to be found: declare them", gap.Name, gap.Fact)})
				}
			}
		}
	}
	return errors.Join(errs...)
}
