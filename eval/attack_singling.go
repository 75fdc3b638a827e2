package eval

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/dpgan/dpgan/internal/parallel"
)

const (
	predicates      = 1000 // of each kind
	predicateTerms  = 4    // columns of a multivariate one
	predicateTrials = 20   // attempts a predicate
)

// operator compares a code with that of a term.
type operator int

const (
	equal operator = iota
	atMost
	atLeast
)

// term is a condition on one column, as `age >= 71`.
type term struct {
	column int
	op     operator
	code   uint32
}

// predicate is a conjunction of terms, in ascending order of columns.
type predicate []term

// singlingOut guesses predicates that single out a row (Giomi et al. 2023,
// section 4.1): those that match exactly one synthetic row. The attack succeeds
// if a predicate matches exactly one row of train; the control is the holdout.
// One kind of predicate is a unique or extreme value of one column, the other a
// condition on four columns of a synthetic row.
func (a *attackData) singlingOut(ctx context.Context, _ *Scores) ([]Attack, error) {
	random := generator(a.e.options.Seed, "singling out")
	// Rows are unique among many or few: predicates must come from as many rows
	// as they are tried on.
	source := a.synthetic.atMost(a.members.rows, random)
	single := a.univariate(source, random)
	several, err := a.multivariate(ctx, source, random)
	if err != nil {
		return nil, err
	}
	var out []Attack
	for _, kind := range []struct {
		key, title, note string
		predicates       []predicate
	}{
		{"singling_out_univariate", "Singling out by one value", "guesses that a unique or extreme value singles out one row", single},
		{"singling_out", "Singling out by four columns", "guesses that a condition on four columns singles out one row", several},
	} {
		hits, err := a.countSingledOut(ctx, kind.predicates, a.members)
		if err != nil {
			return nil, err
		}
		control, err := a.countSingledOut(ctx, kind.predicates, a.others)
		if err != nil {
			return nil, err
		}
		x := excess(kind.key, kind.title, hits, control, len(kind.predicates))
		x.Note = kind.note
		out = append(out, x)
	}
	return out, nil
}

// univariate lists the values that one row of t has, and the extremes of
// ordered columns, a random selection if they are many.
func (a *attackData) univariate(t *Table, random *rand.Rand) []predicate {
	var out []predicate
	for j := range a.e.columns {
		c := &a.e.columns[j]
		codes := slices.Clone(t.columns[j])
		slices.Sort(codes)
		for i := 0; i < len(codes); {
			from := i
			for i < len(codes) && codes[i] == codes[from] {
				i++
			}
			if i-from == 1 {
				out = append(out, predicate{{j, equal, codes[from]}})
			}
		}
		if present := known(c, t.columns[j]); c.ordered && len(present) > 0 {
			out = append(out, predicate{{j, atMost, present[0]}}, predicate{{j, atLeast, present[len(present)-1]}})
		}
	}
	random.Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	return out[:min(len(out), predicates)]
}

// multivariate draws conditions on four columns until enough of them match
// one row of t alone: equality for categories; for ordered columns the side of
// the median on which the row lies.
func (a *attackData) multivariate(ctx context.Context, t *Table, random *rand.Rand) ([]predicate, error) {
	medians := make([]uint32, len(a.e.columns))
	for j := range medians {
		if present := known(&a.e.columns[j], t.columns[j]); len(present) > 0 {
			medians[j] = present[len(present)/2]
		}
	}
	var out []predicate
	seen := map[string]bool{}
	// Rounds of fixed size, so that the cores do not change what is drawn.
	for range predicateTrials {
		if len(out) >= predicates {
			break
		}
		drawn := make([]predicate, predicates)
		for k := range drawn {
			drawn[k] = a.drawPredicate(t, medians, random)
		}
		unique := make([]bool, len(drawn))
		if err := parallel.Until(ctx, len(drawn), func(k int) {
			unique[k] = a.matchesOne(drawn[k], t)
		}); err != nil {
			return nil, err
		}
		for k, p := range drawn {
			if name := fmt.Sprint(p); unique[k] && !seen[name] {
				seen[name] = true
				out = append(out, p)
			}
		}
	}
	return out[:min(len(out), predicates)], nil
}

func (a *attackData) drawPredicate(t *Table, medians []uint32, random *rand.Rand) predicate {
	i := random.IntN(t.rows)
	chosen := random.Perm(len(medians))[:min(predicateTerms, len(medians))]
	slices.Sort(chosen)
	var p predicate
	for _, j := range chosen {
		c, code := &a.e.columns[j], t.columns[j][i]
		op := equal
		if c.ordered && !c.missing(code) {
			op = atMost
			if code > medians[j] {
				op = atLeast
			}
		}
		p = append(p, term{j, op, code})
	}
	return p
}

// countSingledOut counts the predicates that match exactly one row of t.
func (a *attackData) countSingledOut(ctx context.Context, all []predicate, t *Table) (float64, error) {
	found := make([]bool, len(all))
	err := parallel.Until(ctx, len(all), func(k int) {
		found[k] = a.matchesOne(all[k], t)
	})
	n := 0.0
	for _, is := range found {
		if is {
			n++
		}
	}
	return n, err
}

func (a *attackData) matchesOne(p predicate, t *Table) bool {
	matches := 0
rows:
	for i := range t.rows {
		for _, x := range p {
			code := t.columns[x.column][i]
			hit := code == x.code
			switch x.op {
			case atMost:
				hit = code <= x.code
			case atLeast:
				hit = code >= x.code && !a.e.columns[x.column].missing(code)
			}
			if !hit {
				continue rows
			}
		}
		if matches++; matches > 1 {
			return false
		}
	}
	return matches == 1
}
