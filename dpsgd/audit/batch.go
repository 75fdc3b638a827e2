package audit

import (
	"context"
	"math"
)

// neverRate is a rate at which no record enters in the lifetime of the machine.
const neverRate = 1e-15

// chunks compares a batch that the device holds at once with the same batch in
// many pieces, and expects the same noised sum: the noise is drawn once a batch.
func chunks(ctx context.Context, a *auditor) (Result, error) {
	names, gradients := hostile(a.MaxGradNorm)
	t := a.table(1, 1, gradients, crowd(len(names), 10), a.sharedSeed())
	whole, err := a.oneStep(ctx, t)
	if err != nil {
		return Result{}, err
	}
	worst := 0.0
	for _, physical := range []int{len(t.Records) - 1, 16, 1} {
		t.Step.PhysicalBatch = physical
		sum, err := a.oneStep(ctx, t)
		if err != nil {
			return Result{}, err
		}
		worst = max(worst, distance(whole, sum)/a.MaxGradNorm) // max keeps a NaN
	}
	const tolerance = 1e-3 // float32 sums of 110 records in another order
	return verdict(worst <= tolerance, "a batch of %d records in chunks: the sum differs by %.2g of max_grad_norm, at most %g is rounding",
		len(t.Records), worst, tolerance), nil
}

// fakeHalf compares an empty batch with one of all records, under the same noise,
// along the gradient of the fakes, which no record shares. A difference means
// that fakes follow the batch, which doubles the sensitivity.
func fakeHalf(ctx context.Context, a *auditor) (Result, error) {
	gradients := axes(exactDimension, 2*a.MaxGradNorm)
	last := exactDimension - 1
	records := crowd(last, 5)
	seed := a.sharedSeed()
	var along [2]float64
	for i, rate := range []float64{neverRate, 1} {
		t := a.table(rate, 1, gradients, records, seed)
		t.Step.BatchSize, t.Step.PhysicalBatch = float64(len(records)), len(records)
		t.Fake = axis(last, exactDimension, 3*a.MaxGradNorm)
		sum, err := a.oneStep(ctx, t)
		if err != nil {
			return Result{}, err
		}
		along[i] = sum[last] / a.MaxGradNorm
	}
	difference := math.Abs(along[1] - along[0])
	const tolerance = 1e-3 // float32 rounding of a sum of 30 norms
	return verdict(difference <= tolerance,
		"%d records in the batch or none: the fakes' share differs by %.2g of max_grad_norm", len(records), difference), nil
}
