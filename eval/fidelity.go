package eval

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gorgonia.org/tensor"
)

// fidelity is how far the distribution of a table is from that of train.
type fidelity struct {
	scores       Scores
	columns      []subset
	pairs        []subset // farthest first
	associations *tensor.Dense
	violations   []Violation
}

// measure compares t with train, whose bins and associations are given.
func (e *evaluation) measure(ctx context.Context, train binned, associated *tensor.Dense, t *Table) (*fidelity, error) {
	f := &fidelity{}
	b := bin(t, e.columns)
	for width, limit := range []int{len(e.columns), maxPairs, triples} {
		sets := subsets(len(e.columns), width+1, limit, e.options.Seed, subsetsPart)
		found, err := distances(ctx, e.columns, train, b, sets)
		if err != nil {
			return nil, err
		}
		mean, largest := meanAndMax(found)
		if len(sets) == 0 {
			mean, largest = math.NaN(), math.NaN()
		}
		key := [...]string{"tvd1", "tvd2", "tvd3"}[width]
		f.scores.add(key, mean)
		f.scores.add(key+"_max", largest)
		switch width {
		case 0:
			f.columns = found
		case 1:
			slices.SortStableFunc(found, func(x, y subset) int { return cmp.Compare(y.distance, x.distance) })
			f.pairs = found
		}
	}
	var err error
	if f.associations, err = associations(ctx, e.columns, t); err != nil {
		return nil, err
	}
	f.scores.add("association_error", associationError(associated, f.associations))
	common, rare := coverage(e.columns, e.options.Train, t)
	f.scores.add("coverage", common)
	f.scores.add("rare_recall", rare)
	broken, share := violations(e.options.Rules, t)
	f.violations = broken
	f.scores.add("violations", share)
	e.progress()
	return f, nil
}
