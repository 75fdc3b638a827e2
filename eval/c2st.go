package eval

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/dpgan/dpgan/eval/learn"
)

const (
	contestRows = 20_000 // of each side
	folds       = 3
	leastRows   = 2 * folds // of a side, or there is nothing to hold out
)

// classifierTest is the classifier two-sample test (Lopez-Paz, Oquab 2017,
// arXiv:1610.06545): the AUC of boosted trees that tell synthetic rows from as
// many rows of the holdout, on rows they were not trained on, the mean of three
// folds. .5 means that they cannot. features turns a table into what the trees
// see. The interval is over the rows that were judged.
func (e *evaluation) classifierTest(ctx context.Context, key string, synthetic *Table,
	features func(*Table) []learn.Feature) (Score, error) {
	random := generator(e.options.Seed, "contest")
	n := min(contestRows, synthetic.rows, e.options.Holdout.rows)
	if n < leastRows {
		return unknown(key), nil
	}
	a, b := synthetic.selectRows(random.Perm(synthetic.rows)[:n]), e.options.Holdout.selectRows(random.Perm(e.options.Holdout.rows)[:n])
	both := a.join(b)
	fold := stratify(random, n)
	score := Score{Key: key}
	for f := range folds {
		kept, held := indicesWhere(fold, func(x int) bool { return x != f }), indicesWhere(fold, func(x int) bool { return x == f })
		m, err := learn.FitTrees(ctx, features(both.selectRows(kept)), learn.Target{Classes: 2, Values: syntheticLabels(kept, n)})
		if err != nil {
			return score, fmt.Errorf("eval: %s: %w", key, err)
		}
		p, err := m.Predict(features(both.selectRows(held)))
		if err != nil {
			return score, fmt.Errorf("eval: %s: %w", key, err)
		}
		truth := syntheticLabels(held, n)
		low, high := learn.MacroAUCInterval(p, truth, random)
		v := learn.MacroAUC(p, truth)
		score.Value += v / folds
		// Folds are judged on different rows: the mean of three is √3 times surer.
		score.Low += (v - (v-low)/rootFolds) / folds
		score.High += (v + (high-v)/rootFolds) / folds
	}
	e.progress()
	return score, nil
}

const rootFolds = 1.7320508075688772 // √3

// stratify deals both halves of 2n rows evenly into folds.
func stratify(random *rand.Rand, n int) []int {
	fold := make([]int, 2*n)
	for half := range 2 {
		for k, i := range random.Perm(n) {
			fold[half*n+i] = k % folds
		}
	}
	return fold
}

// indicesWhere lists the indices whose value is wanted.
func indicesWhere[T any](values []T, wanted func(T) bool) []int {
	var out []int
	for i, v := range values {
		if wanted(v) {
			out = append(out, i)
		}
	}
	return out
}

// syntheticLabels is 1 for every row before n, the synthetic ones, else 0.
func syntheticLabels(rows []int, n int) []float64 {
	out := make([]float64, len(rows))
	for k, i := range rows {
		if i < n {
			out[k] = 1
		}
	}
	return out
}

// join is the rows of t, then those of other.
func (t *Table) join(other *Table) *Table {
	out := &Table{codec: t.codec, columns: make([][]uint32, len(t.columns)), rows: t.rows + other.rows}
	for j := range t.columns {
		out.columns[j] = append(append(make([]uint32, 0, out.rows), t.columns[j]...), other.columns[j]...)
	}
	return out
}

// onBins and onCells are the two views of a table that trees get.
func (e *evaluation) onBins(t *Table) []learn.Feature {
	return binFeatures(e.columns, bin(t, e.columns), allBut(e.columns, -1))
}

func (e *evaluation) onCells(t *Table) []learn.Feature {
	return exactFeatures(e.columns, t, allBut(e.columns, -1))
}
