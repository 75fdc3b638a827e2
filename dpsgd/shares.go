package dpsgd

import (
	"errors"
	"fmt"
)

// validate reports shares that no run can have.
func (s *Shares) validate() error {
	var errs []error
	sum := 0.0
	for _, part := range []struct {
		key   string
		value *float64
	}{{"marginals", s.Marginals}, {"discriminator", s.Discriminator}} {
		if part.value == nil {
			continue
		}
		sum += *part.value
		if !(*part.value >= 0 && *part.value <= 1) {
			errs = append(errs, fmt.Errorf("privacy.budget.%s=%v: must lie between 0 and 1, or be auto", part.key, *part.value))
		}
	}
	both := s.Marginals != nil && s.Discriminator != nil
	switch {
	case len(errs) > 0:
	case sum > 1+1e-9:
		errs = append(errs, fmt.Errorf("privacy.budget=%v: the shares must not exceed 1 together", sum))
	case both && sum == 0:
		errs = append(errs, errors.New("privacy.budget=0: one of marginals and discriminator must be above 0"))
	case s.Discriminator != nil && *s.Discriminator == 1:
		errs = append(errs, errors.New("privacy.budget.discriminator=1: must be below 1: "+
			"the 1-way tables that the encoder and the conditions need are paid for too"))
	}
	return errors.Join(errs...)
}

// pureOneWay is the share of the 1-way tables of a run without other tables, where
// nothing else is said.
const pureOneWay = 0.1

// Allocation is the budget's shares: of the tables, of the discriminator. If it is Open, both
// are told by what the tables need, and until then Marginals is 1.
type Allocation struct {
	Marginals, Discriminator float64
	Open                     bool
}

// Pure reports whether only the discriminator learns how columns depend on each other.
func (s Allocation) Pure() bool { return s.Marginals == 0 }

// Trains reports whether there is a discriminator to be trained.
func (s Allocation) Trains() bool { return s.Open || s.Discriminator > 0 }

// Allocate settles the shares. Left open both, they follow from the tables that are planned.
// Left open one, it gets what the other leaves.
func (s *Shares) Allocate() Allocation {
	switch {
	case s.Marginals == nil && s.Discriminator == nil:
		return Allocation{Marginals: 1, Open: true}
	case s.Marginals == nil:
		return Allocation{Marginals: 1 - *s.Discriminator, Discriminator: *s.Discriminator}
	case s.Discriminator == nil && *s.Marginals == 0:
		return Allocation{Discriminator: 1 - pureOneWay}
	case s.Discriminator == nil:
		return Allocation{Marginals: *s.Marginals, Discriminator: 1 - *s.Marginals}
	}
	return Allocation{Marginals: *s.Marginals, Discriminator: *s.Discriminator}
}
