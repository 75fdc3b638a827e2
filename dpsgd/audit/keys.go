package audit

import (
	"context"
	"math"
	"slices"
)

// keys opens the same table twice, each time with keys from the operating system, as
// training does, and expects other noise and other batches.
func keys(ctx context.Context, a *auditor) (Result, error) {
	const dimension, records = 8, 64
	gradients := axes(records, 2*a.MaxGradNorm)
	std := a.NoiseMultiplier * a.MaxGradNorm
	steps := max(200, a.Effort.NoiseSteps/20)
	var noise, batches [2][]float64
	for i := range noise {
		empty := a.table(neverRate, a.NoiseMultiplier, axes(dimension, a.MaxGradNorm), crowd(dimension, 1), nil)
		err := a.eachStep(ctx, empty, steps, func(_ int, sum []float64) { noise[i] = append(noise[i], multiple(sum, 1/std)...) })
		if err != nil {
			return Result{}, err
		}
		half := a.table(0.5, 1e-3, gradients, crowd(records, 1), nil)
		sum, err := a.oneStep(ctx, half)
		if err != nil {
			return Result{}, err
		}
		for _, x := range sum[:records] {
			batches[i] = append(batches[i], math.Round(x/a.MaxGradNorm))
		}
	}
	product := 0.0
	for i, x := range noise[0] {
		product += x * noise[1][i]
	}
	z := product / math.Sqrt(float64(len(noise[0])))
	switch {
	case !(math.Abs(z) <= deviations):
		return failed("the noise of two runs is correlated by %.3g standard errors: their keys are not their own", z), nil
	case slices.Equal(batches[0], batches[1]): // by chance once in 2^64
		return failed("two runs drew the same batch of %d records: their keys are not their own", records), nil
	}
	return passed("two openings of a table: noise correlated by %.2f standard errors, and other batches", z), nil
}
