package eval

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/dpgan/dpgan/eval/learn"
)

// learnRows bounds the rows that a model of the target is trained on.
const learnRows = 100_000

// learner is one way to learn the target, under its name in the metrics.
type learner struct {
	name  string
	title string
	// fit trains on t and predicts other, [classes][rows] or [1][rows].
	fit func(ctx context.Context, e *evaluation, t, other *Table) ([][]float64, error)
}

// learners are logistic (or ridge) regression on the one-hot public bins,
// boosted trees on the same bins, and boosted trees on the exact cells.
var learners = [...]learner{
	{"lr", "logistic regression", func(ctx context.Context, e *evaluation, t, other *Table) ([][]float64, error) {
		chosen := allBut(e.columns, e.target.column)
		m, err := learn.FitLinear(ctx, oneHot(e.columns, bin(t, e.columns), chosen), e.target.values(t))
		if err != nil {
			return nil, err
		}
		return m.Predict(oneHot(e.columns, bin(other, e.columns), chosen))
	}},
	{"gbt", "boosted trees", func(ctx context.Context, e *evaluation, t, other *Table) ([][]float64, error) {
		chosen := allBut(e.columns, e.target.column)
		return e.boost(ctx, t, other, binFeatures(e.columns, bin(t, e.columns), chosen), binFeatures(e.columns, bin(other, e.columns), chosen))
	}},
	{"gbt_exact", "boosted trees on exact values", func(ctx context.Context, e *evaluation, t, other *Table) ([][]float64, error) {
		chosen := allBut(e.columns, e.target.column)
		return e.boost(ctx, t, other, exactFeatures(e.columns, t, chosen), exactFeatures(e.columns, other, chosen))
	}},
}

func (e *evaluation) boost(ctx context.Context, t, other *Table, from, to []learn.Feature) ([][]float64, error) {
	m, err := learn.FitTrees(ctx, from, e.target.values(t))
	if err != nil {
		return nil, err
	}
	return m.Predict(to)
}

// Prediction is what one learner, trained on one table, says about the holdout.
type Prediction struct {
	Learner string
	Title   string
	// FPR and TPR are the ROC curve of the rarer class; empty for numbers.
	FPR, TPR []float64

	values [][]float64 // [classes][rows] or [1][rows]
}

// usefulness trains every learner on t and scores it on the holdout, under keys
// that start with prefix.
func (e *evaluation) usefulness(ctx context.Context, prefix string, t *Table) (scores Scores, out []Prediction, err error) {
	t = e.target.known(t, e.columns)
	t = t.atMost(learnRows, generator(e.options.Seed, prefix+" rows"))
	for _, l := range learners {
		p, err := e.predict(ctx, l, t)
		if err != nil {
			return nil, nil, fmt.Errorf("eval: %s_%s: %w", prefix, l.name, err)
		}
		prediction := Prediction{Learner: l.name, Title: l.title, values: p}
		e.judge(&scores, prefix+"_"+l.name, &prediction)
		out = append(out, prediction)
		e.progress()
	}
	return scores, out, nil
}

// predict is the prediction of the holdout; that of a table with one value of
// the target is this value.
func (e *evaluation) predict(ctx context.Context, l learner, t *Table) ([][]float64, error) {
	if t.rows > 0 {
		p, err := l.fit(ctx, e, t, e.judged)
		if !errors.Is(err, learn.ErrOneClass) {
			return p, err
		}
	}
	p := make([][]float64, max(1, e.target.classes))
	for k := range p {
		p[k] = make([]float64, e.judged.rows)
	}
	if t.rows == 0 {
		return p, nil
	}
	y := e.target.values(t).Values[0]
	k := 0
	if e.target.classes > 0 {
		k, y = int(y), 1
	}
	for i := range p[k] {
		p[k][i] = y
	}
	return p, nil
}

// judge scores a prediction of the holdout.
func (e *evaluation) judge(scores *Scores, key string, p *Prediction) {
	truth := e.target.values(e.judged).Values
	random := generator(e.options.Seed, key)
	if e.target.classes == 0 {
		low, high := learn.Interval(len(truth), random, func(w []int32) float64 { return learn.R2(p.values[0], truth, w) })
		*scores = append(*scores, Score{key + "_r2", learn.R2(p.values[0], truth, nil), low, high})
		return
	}
	low, high := learn.MacroAUCInterval(p.values, truth, random)
	*scores = append(*scores, Score{key, learn.MacroAUC(p.values, truth), low, high})
	predicted := likeliest(p.values)
	f1, rate := 0.0, 0.0
	for k := range e.target.classes {
		said, is := make([]bool, len(truth)), make([]bool, len(truth))
		difference := 0
		for i, y := range truth {
			said[i], is[i] = predicted[i] == k, int(y) == k
			if said[i] {
				difference++
			}
			if is[i] {
				difference--
			}
		}
		rate += math.Abs(float64(difference)) / 2 / float64(len(truth))
		switch {
		case e.target.classes > 2:
			f1 += learn.F1(said, is) / float64(e.target.classes)
		case k == e.rarest:
			f1 = learn.F1(said, is)
		}
		if k == e.rarest {
			p.FPR, p.TPR = learn.ROC(p.values[k], is, 150)
		}
	}
	scores.add(key+"_f1", f1)
	scores.add(key+"_positive_rate_error", rate)
}

// likeliest is the class of the highest probability, of every row.
func likeliest(probabilities [][]float64) []int {
	out := make([]int, len(probabilities[0]))
	for k := 1; k < len(probabilities); k++ {
		for i, p := range probabilities[k] {
			if p > probabilities[out[i]][i] {
				out[i] = k
			}
		}
	}
	return out
}

// rarest is the least frequent class of the target that occurs in t.
func rarest(g *target, t *Table) int {
	counts := make([]int, g.classes)
	for _, y := range g.values(t).Values {
		counts[int(y)]++
	}
	best := -1
	for k, n := range counts {
		if n > 0 && (best < 0 || n < counts[best]) {
			best = k
		}
	}
	return best
}
