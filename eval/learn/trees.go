package learn

import (
	"context"
	"errors"
	"fmt"

	"github.com/dpgan/dpgan/internal/parallel"
)

// The settings of the trees. They are those of a plain XGBoost or LightGBM run
// on a table of 10^4 to 10^5 rows, and are not tuned to any.
const (
	shrinkage  = .1
	maxLeaves  = 31
	minHessian = 1.0 // least sum of second derivatives in a leaf
	leafRidge  = 1.0 // λ: of ½λw² a leaf
	boostSteps = 150 // rounds
	boostTrees = 900 // of all classes together; rounds shrink where there are many
	leastSteps = 20
)

// Trees is a sum of gradient-boosted trees.
type Trees struct {
	classes int
	unit    standardisation
	start   []float64 // [outputs]
	binners []*binner
	trees   [][]tree // [rounds][outputs]
}

// FitTrees boosts trees by Newton steps on the log loss, or on half the squared
// error of a number. It takes rounds · outputs · rows · features · log₂(leaves)
// additions at most.
func FitTrees(ctx context.Context, features []Feature, y Target) (*Trees, error) {
	if err := checkFeatures(features); err != nil {
		return nil, err
	}
	rows := features[0].rows()
	if err := y.check(rows); err != nil {
		return nil, err
	}
	m := &Trees{classes: y.Classes}
	y, m.unit = y.standardise()
	m.start = y.start()
	bins := m.bin(features)
	outputs := y.outputs()
	scores := make([][]float64, outputs)
	slopes := make([][]slope, outputs)
	for k := range scores {
		slopes[k] = make([]slope, rows)
		scores[k] = make([]float64, rows)
		for i := range scores[k] {
			scores[k][i] = m.start[k]
		}
	}
	g := newGrower(bins, m.binners)
	for range max(leastSteps, min(boostSteps, boostTrees/outputs)) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		differentiate(y, scores, slopes)
		round := make([]tree, outputs)
		for k := range round {
			round[k] = g.grow(slopes[k], scores[k])
		}
		m.trees = append(m.trees, round)
	}
	return m, nil
}

// bin learns the binners and applies them.
func (m *Trees) bin(features []Feature) [][]uint8 {
	m.binners = make([]*binner, len(features))
	bins := make([][]uint8, len(features))
	parallel.Each(len(features), func(j int) {
		m.binners[j] = newBinner(&features[j])
		bins[j] = m.binners[j].apply(&features[j])
	})
	return bins
}

// Predict is the probability of each class, [classes][rows], or the number,
// [1][rows].
func (m *Trees) Predict(features []Feature) ([][]float64, error) {
	if err := errors.Join(checkFeatures(features), m.sameFeatures(features)); err != nil {
		return nil, err
	}
	bins := make([][]uint8, len(features))
	parallel.Each(len(features), func(j int) { bins[j] = m.binners[j].apply(&features[j]) })
	rows := features[0].rows()
	scores := make([][]float64, len(m.start))
	for k := range scores {
		scores[k] = make([]float64, rows)
	}
	const chunk = 4096
	parallel.Each((rows+chunk-1)/chunk, func(c int) {
		for i := c * chunk; i < min(rows, (c+1)*chunk); i++ {
			for k := range scores {
				z := m.start[k]
				for _, round := range m.trees {
					z += round[k].value(bins, i)
				}
				scores[k][i] = m.unit.restore(z)
			}
		}
	})
	return predictions(m.classes, scores), nil
}

func (m *Trees) sameFeatures(features []Feature) error {
	if len(features) != len(m.binners) {
		return fmt.Errorf("learn: %d features: want %d as in training", len(features), len(m.binners))
	}
	for j := range features {
		if features[j].Levels != m.binners[j].levels {
			return fmt.Errorf("learn: feature %d: %d levels: want %d as in training", j, features[j].Levels, m.binners[j].levels)
		}
	}
	return nil
}

// slope holds the first and second derivative of a row's loss by its score.
type slope struct{ g, h float64 }

// differentiate fills slopes [outputs][rows] at scores.
func differentiate(y Target, scores [][]float64, slopes [][]slope) {
	const chunk = 8192
	rows := len(y.Values)
	parallel.Each((rows+chunk-1)/chunk, func(c int) {
		p := make([]float64, len(scores))
		for i := c * chunk; i < min(rows, (c+1)*chunk); i++ {
			switch {
			case y.Classes == 0:
				slopes[0][i] = slope{scores[0][i] - y.Values[i], 1}
			case y.Classes == 2:
				q := sigmoid(scores[0][i])
				slopes[0][i] = slope{q - y.Values[i], max(q*(1-q), 1e-16)}
			default:
				for k := range p {
					p[k] = scores[k][i]
				}
				softmax(p)
				for k, q := range p {
					hit := 0.0
					if int(y.Values[i]) == k {
						hit = 1
					}
					// 2q(1−q) bounds the curvature of softmax (XGBoost's choice).
					slopes[k][i] = slope{q - hit, max(2*q*(1-q), 1e-16)}
				}
			}
		}
	})
}
