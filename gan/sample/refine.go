package sample

import (
	"fmt"

	"github.com/dpgan/dpgan/gan/mixture"
)

// The ways to refine a sample.
const (
	// RefineAuto is RefineMoments for at most RefinedRows rows; for more it is RefineNone.
	RefineAuto = "auto"
	// RefineNone draws every row by itself, each atom about equally often.
	RefineNone = "none"
	// RefineMoments redraws rows until pairs of columns are as frequent as in the
	// model, not only about.
	RefineMoments = "moments"
)

// RefinedRows is the most rows that are refined together.
const RefinedRows = 1 << 17

// blockRows is how many rows of a sample that is not refined are drawn at a time.
const blockRows = 1 << 16

// refineRounds is how many rounds a sample of columns columns is refined for: a
// round looks at all pairs of them, so wide tables get fewer.
func refineRounds(columns int) int {
	const most, least, easy = 300, 60, 20
	return max(least, min(most, most*easy*easy/(columns*columns)))
}

// refinement is the way to refine that config means.
func refinement(config Config) (string, error) {
	switch how := config.Refine; {
	case how == RefineNone, (how == RefineAuto || how == "") && config.Rows > RefinedRows:
		return RefineNone, nil
	case how == RefineAuto, how == "":
		return RefineMoments, nil
	case how == RefineMoments && config.Rows > RefinedRows:
		return "", fmt.Errorf("gan: refine=%s: at most %d rows are refined together: ask for fewer, or for none", how, RefinedRows)
	case how == RefineMoments:
		return how, nil
	default:
		return "", fmt.Errorf("gan: refine=%q: must be auto, none or moments", how)
	}
}

// refined draws n rows of mix.
func refined(mix *mixture.Mixture, how string, n int, seed uint64) *mixture.Rows {
	rows := mix.Sample(n, seed)
	if how == RefineMoments {
		mix.Refine(rows, mix.FromAtoms(rows), seed, refineRounds(mix.Columns()))
	}
	return rows
}
