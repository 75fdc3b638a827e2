package audit

import (
	"context"
	"math"
)

// twoWorldsSampled audits one step at the claimed sample rate.
func twoWorldsSampled(ctx context.Context, a *auditor) (Result, error) {
	return a.twoWorldsAt(ctx, a.SampleRate)
}

// twoWorldsUnsampled audits one step that takes every record, where clip and
// noise stand alone and far more can be seen.
func twoWorldsUnsampled(ctx context.Context, a *auditor) (Result, error) {
	return a.twoWorldsAt(ctx, 1)
}

// twoWorldsAt tells a table with a canary from the same table without it, by the
// noised sum's coordinate along the canary's gradient, which is the likelihood
// ratio's order. Each of the steps is an independent trial of one step's ε.
func (a *auditor) twoWorldsAt(ctx context.Context, rate float64) (Result, error) {
	const dimension = 4
	gradients := axes(dimension, 3*a.MaxGradNorm)
	const canary = 0
	without := []uint32{1, 2, 3, 1, 2, 3, 1}
	var scores [2][]float64
	for i, records := range [][]uint32{append([]uint32{canary}, without...), without} {
		scores[i] = make([]float64, a.Effort.WorldSteps)
		t := a.table(rate, a.NoiseMultiplier, gradients, records, a.ownSeed())
		t.Step.BatchSize = math.Max(1, rate*float64(len(without)))
		err := a.eachStep(ctx, t, a.Effort.WorldSteps, func(step int, sum []float64) { scores[i][step] = sum[canary] / a.MaxGradNorm })
		if err != nil {
			return Result{}, err
		}
	}
	claim, err := a.claim(rate, 1)
	if err != nil {
		return Result{}, err
	}
	bound := twoWorldsEpsilon(scores[0], scores[1], a.Delta, confidence)
	return bounded(claim, bound, "1 step at rate %.4g, %d times with a canary and %d times without", rate, a.Effort.WorldSteps,
		a.Effort.WorldSteps), nil
}
