package eval

import (
	"context"
	"math"
	"slices"

	"github.com/dpgan/dpgan/eval/learn"
)

// outlierRate is the share of false alarms that the attacker on single rows
// accepts.
const outlierRate = .01

// membership guesses whether a row was in train from its distance to the
// nearest synthetic row: the AUC over rows of train and holdout, and the share
// of train that is found at 1 % false alarms, which a few memorised rows raise
// where the mean hides them (Carlini et al. 2022, arXiv:2112.03570, section 3).
func (a *attackData) membership(context.Context, *Scores) ([]Attack, error) {
	in, out := a.nearIn, a.nearOut
	var guess []float64
	var member []float64
	for i := range in {
		guess = append(guess, -float64(in[i].first), -float64(out[i].first))
		member = append(member, 1, 0)
	}
	x := a.membershipAttack("mia_auc", "Membership, nearest neighbour", guess, member)
	x.Note = "AUC of guessing membership from the distance to the nearest synthetic row"
	far := make([]float64, len(out))
	for i := range out {
		far[i] = float64(out[i].first)
	}
	slices.Sort(far)
	// The largest radius within which at most 1 % of the holdout lies.
	radius := far[int(outlierRate*float64(len(far)))]
	var hits, alarms float64
	for i := range in {
		if float64(in[i].first) < radius {
			hits++
		}
		if float64(out[i].first) < radius {
			alarms++
		}
	}
	trials := a.members.rows
	if radius == 0 {
		trials = 0 // more than 1 % of the holdout equals a synthetic row by chance
	}
	y := excess("mia_outliers", "Membership, single rows", hits, alarms, trials)
	y.Note = "share of train found at 1 % false alarms, above that of the holdout"
	return []Attack{x, y}, nil
}

// membershipAttack is the AUC of a guess with its interval; Safe is .5.
func (a *attackData) membershipAttack(key, title string, guess, member []float64) Attack {
	x := Attack{Key: key, Title: title, Safe: .5, Trials: len(guess), Rate: math.NaN(), Control: math.NaN()}
	both := [][]float64{guess, guess}
	low, high := learn.MacroAUCInterval(both, member, generator(a.e.options.Seed, key))
	x.conclude(estimate{learn.MacroAUC(both, member), (high - low) / 2})
	return x
}
