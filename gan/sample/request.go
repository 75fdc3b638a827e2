package sample

import (
	"slices"

	"github.com/dpgan/dpgan/tabular"
)

// request is what is wanted of rows, as far as the domain tells.
type request struct {
	where   []predicate // on the columns named
	roots   []predicate // the same, on the columns that the model knows
	balance *balance    // nil: none
	columns int
}

// parseRequest reads the conditions and the balance of config.
func parseRequest(domain *tabular.Domain, config Config) (*request, error) {
	r := &request{columns: len(domain.Learned())}
	var err error
	if r.where, err = parsePredicates(domain.Codec, config.Where); err != nil {
		return nil, err
	}
	if r.roots, err = fromSources(domain.Rules, r.where); err != nil {
		return nil, err
	}
	if config.Balance != "" {
		r.balance, err = newBalance(domain, config.Balance, r.where)
	}
	return r, err
}

// on is what is wanted of column j; nil: anything.
func (r *request) on(j int) tabular.CodeSet {
	if at := slices.IndexFunc(r.roots, func(c predicate) bool { return c.column == j }); at >= 0 {
		return r.roots[at].codes
	}
	return nil
}

// fixed are the columns [J] that stay as drawn, whatever rules say.
func (r *request) fixed() []bool {
	fixed := make([]bool, r.columns)
	for _, c := range r.roots {
		fixed[c.column] = true
	}
	if r.balance != nil {
		fixed[r.balance.column], fixed[r.balance.via] = true, true
	}
	return fixed
}
