package eval

import (
	"context"
	"fmt"
	"math"
)

// Attack is what one attack on a synthetic table achieved. Each is measured on
// rows of train and on as many rows of the holdout, which the table cannot have
// been made from: what an attacker learns about both is knowledge about the
// population, and only the difference is a leak.
type Attack struct {
	Key   string
	Title string
	// Value is the measure, Low and High its 95 % interval, Safe its value
	// when nothing leaks.
	Value, Low, High, Safe float64
	// Rate and Control are the success on train and on the holdout; NaN where
	// the measure is no such difference.
	Rate, Control float64
	Trials        int
	// Leaks tells that Value exceeds Safe by more than chance allows: one
	// attack of a whole table fires falsely with a probability of 5 % at most.
	Leaks   bool
	Verdict string
	Note    string
}

// familyAlpha is the probability that some attack on a harmless table fires.
const familyAlpha = .05

// attacks is how many of them share it.
const attacks = 11

// attackKinds is the number of functions that attack, some twice.
const attackKinds = 7

// wideInterval is how far above Safe an interval may reach before silence
// proves little.
const wideInterval = .1

// conclude fills interval and verdict from an estimate.
func (a *Attack) conclude(e estimate) {
	a.Value, a.Low, a.High = e.value, e.value-e.error, e.value+e.error
	a.Leaks = e.value-e.error/z95*upperZ(familyAlpha, attacks) > a.Safe
	switch {
	case a.Trials == 0:
		a.Leaks = false
		a.Verdict = "not measured"
	case a.Leaks:
		a.Verdict = "leak found"
	case a.High > a.Safe+wideInterval:
		a.Verdict = "no leak found, but too few rows to be sure"
	default:
		a.Verdict = "no leak found"
	}
}

// attackRows bounds the rows of each side; the cost of distances grows with
// its square.
const attackRows = 16_384

// attackData holds what the attacks on one synthetic table share.
type attackData struct {
	e         *evaluation
	synthetic *Table
	members   *Table // rows of train
	others    *Table // as many rows of the holdout
	layout    *layout
	packedSyn *packed
	packedIn  *packed
	packedOut *packed
	nearIn    []neighbour // of members among synthetic rows
	nearOut   []neighbour // of others
}

// syntheticRows bounds the synthetic rows an attacker searches.
const syntheticRows = 50_000

func newAttackData(ctx context.Context, e *evaluation, synthetic *Table) (*attackData, error) {
	random := generator(e.options.Seed, "arena") // the name of its stream stays
	n := min(attackRows, e.options.Train.rows, e.options.Holdout.rows)
	a := &attackData{e: e, synthetic: synthetic.atMost(syntheticRows, random),
		members: e.options.Train.atMost(n, random), others: e.options.Holdout.atMost(n, random),
		layout: newLayout(e.columns, allBut(e.columns, -1))}
	a.packedSyn, a.packedIn, a.packedOut = a.layout.pack(a.synthetic), a.layout.pack(a.members), a.layout.pack(a.others)
	var err error
	if a.nearIn, err = nearest(ctx, a.packedIn, a.packedSyn); err != nil {
		return nil, err
	}
	a.nearOut, err = nearest(ctx, a.packedOut, a.packedSyn)
	return a, err
}

// attack runs all attacks on a synthetic table.
func (e *evaluation) attack(ctx context.Context, synthetic *Table) ([]Attack, Scores, error) {
	a, err := newAttackData(ctx, e, synthetic)
	if err != nil {
		return nil, nil, fmt.Errorf("eval: attacks: %w", err)
	}
	var (
		out    []Attack
		scores Scores
	)
	for _, run := range []func(context.Context, *Scores) ([]Attack, error){
		a.copies, a.distances, a.membership, a.shadow, a.singlingOut, a.linkability, a.inference,
	} {
		found, err := run(ctx, &scores)
		if err != nil {
			return nil, nil, fmt.Errorf("eval: attacks: %w", err)
		}
		out = append(out, found...)
		e.progress()
	}
	for _, x := range out {
		if _, known := scores.Get(x.Key); !known {
			scores = append(scores, Score{x.Key, x.Value, x.Low, x.High})
		}
	}
	leaks := 0
	for _, x := range out {
		if x.Leaks {
			leaks++
		}
	}
	scores.add("leaks", float64(leaks))
	return out, scores, nil
}

// excess is an attack whose measure is the risk over the control set.
func excess(key, title string, hits, controlHits float64, trials int) Attack {
	a := Attack{Key: key, Title: title, Trials: trials, Rate: math.NaN(), Control: math.NaN()}
	rate, control := wilson(hits, float64(trials)), wilson(controlHits, float64(trials))
	if trials > 0 {
		a.Rate, a.Control = hits/float64(trials), controlHits/float64(trials)
	}
	a.conclude(risk(rate, control))
	a.clip()
	return a
}

// clip brings a risk into [0, 1]: the control does better by chance only.
func (a *Attack) clip() {
	a.Value, a.Low, a.High = min(max(a.Value, 0), 1), min(max(a.Low, 0), 1), min(max(a.High, 0), 1)
}
