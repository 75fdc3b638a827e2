package dpsgd

import (
	"fmt"
	"io"
	"math"

	"github.com/dpgan/dpgan/dpsgd/accounting"
	"github.com/dpgan/dpgan/dpsgd/discrete"
)

const (
	// selectionShare is the share of the target δ that categories take: the
	// chance that one which a single row has is named all the same.
	selectionShare = 0.1
	// The chances of false alarms: that a column's bounds reach to a bucket that
	// is empty, and that a column without missing cells is called nullable.
	boundsFalseAlarm  = 0.01
	missingFalseAlarm = 0.05
	// bucketCount is the most buckets that bounds are searched in, longestRun the
	// longest run of them that is looked at as one.
	bucketCount = 400
	longestRun  = 4
	// discoveryStage is the stage of its events.
	discoveryStage = "discovery"
)

// Price is what a question costs, whatever the answer.
type Price struct {
	Question Question
	Columns  int // that are asked
	// Epsilon is the cost alone, at the target δ.
	Epsilon float64
	Events  []accounting.Event
	// Rows is how many rows must share an answer for it to be found, more or less
	// the noise: the threshold. Of the row count it is the error that 95 % of
	// draws stay within.
	Rows int64

	noise              countNoise
	neighbourThreshold int64 // the lower one of a bucket beside one that passed Rows
}

// Price of asking question of columns columns. Each count that is released gets
// exact integer noise (countNoise).
//
// A row adds one to at most one count of each column, so that columns releases
// of sensitivity 1 cover it. Categories are named if their noisy count passes a
// threshold; one that no row but the added one has, passes it with probability
// at most δ', charged as partition selection with ε = 0 (Korolova, Kenthapadi,
// Mishra, Ntoulas 2009; Gopi et al. 2020, arXiv:2002.01100).
func (c *Config) Price(question Question, columns int) (Price, error) {
	p := Price{Question: question, Columns: columns}
	tail, neighbourTail := missingFalseAlarm, missingFalseAlarm
	delta := 0.0
	switch question {
	case AskBounds, AskEdges:
		tail, neighbourTail = boundsFalseAlarm/(bucketCount*longestRun), boundsFalseAlarm
	case AskCategories:
		delta = selectionShare * c.TargetDelta / float64(columns)
		tail, neighbourTail = delta, delta
	case AskRowCount:
		tail, neighbourTail = 0.025, 0.025
	}
	epsilon := c.Discovery.Epsilon(question)
	if columns < 1 || !(epsilon > 0) {
		return p, fmt.Errorf("dpsgd: discovery: %s of %d columns at ε=%v: want at least one column and an ε > 0", question, columns, epsilon)
	}
	accountant, err := accounting.ParseAccountant(c.Accountant)
	if err != nil {
		return p, err
	}
	if delta > 0 {
		p.Events = append(p.Events, accounting.Event{Mechanism: accounting.PartitionSelection, Delta: delta, Count: columns,
			Stage: discoveryStage, Purpose: string(question)})
	}
	if p.noise.sigma, err = accountant.GaussianNoise(p.Events, columns, epsilon, c.TargetDelta); err != nil {
		return p, fmt.Errorf("privacy.discovery.%s=%g: %w", question, epsilon, err)
	}
	counts := p.noise.event(columns)
	counts.Stage, counts.Purpose = discoveryStage, string(question)
	p.Events = append(p.Events, counts)
	p.Rows, p.neighbourThreshold = p.noise.upperQuantile(tail), p.noise.upperQuantile(neighbourTail)
	p.Epsilon, err = accountant.Epsilon(p.Events, c.TargetDelta)
	return p, err
}

// countNoise is exact noise for counts: a rounded normal of standard deviation sigma.
// Laplace noise reaches less far in a single count, but it is dear to the filter that
// a run with discovery draws on: at ε = 0.08 it takes μ² = 0.01 there, a Gaussian of
// the same ε at δ = 1e-5 a thirteenth of that.
type countNoise struct{ sigma float64 }

func (n countNoise) event(releases int) accounting.Event {
	return accounting.Event{Mechanism: accounting.Gaussian, NoiseMultiplier: n.sigma, Count: releases}
}

// draw is count values of the noise.
func (n countNoise) draw(count int, source io.Reader) ([]int64, error) {
	gaussian, err := discrete.NewRoundedGaussian(n.sigma)
	if err != nil {
		return nil, err
	}
	draws := make([]int64, count)
	return draws, gaussian.Fill(draws, source)
}

// upperQuantile is the least integer t that the noise surely reaches with probability
// at most tail: Pr[X ≥ t] ≤ Φ((½−t)/sigma).
func (n countNoise) upperQuantile(tail float64) int64 {
	low, high := 0.0, 40.0 // of Φ(−x) = tail, from above
	for high-low > 1e-9 {
		if x := (low + high) / 2; math.Erfc(x/math.Sqrt2)/2 <= tail {
			high = x
		} else {
			low = x
		}
	}
	return int64(math.Ceil(0.5 + n.sigma*high))
}
