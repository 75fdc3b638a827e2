package audit

import (
	"context"
	"math"
)

// gridSteps is how many steps of the grid a clipping norm has, or a multiple.
const gridSteps = 1 << 23

// grid looks at noised sums that are small enough for float32 to show their last bits:
// all must lie on a grid that owes nothing to the records, since the low bits of a sum
// in floating point tell what was added (Mironov 2012).
func grid(ctx context.Context, a *auditor) (Result, error) {
	const dimension = 8
	t := a.table(1, 1, axes(dimension, a.MaxGradNorm/3), crowd(dimension-1, 1), a.ownSeed())
	t.Step.BatchSize = 1
	s, err := a.mechanism.Open(t)
	if err != nil {
		return Result{}, err
	}
	entries := s.Entries
	if err := s.Close(); err != nil {
		return Result{}, err
	}
	looked, off := 0, 0
	err = a.eachStep(ctx, t, a.Effort.NoiseSteps, func(_ int, sum []float64) {
		for _, x := range entries(sum) {
			// Below 2^-5 norms float32 is wrong by a tenth of a step at the most.
			if at := x / a.MaxGradNorm * gridSteps; math.Abs(at) < gridSteps/32 {
				looked++
				if math.Abs(at-math.Round(at)) > 0.25 {
					off++
				}
			}
		}
	})
	if err != nil {
		return Result{}, err
	}
	if looked < 20 {
		return failed("%d of %d steps gave a small sum: the audit is blind", looked, a.Effort.NoiseSteps), nil
	}
	return verdict(off == 0, "%d of %d entries of noised sums lie off the grid of max_grad_norm/2^23", off, looked), nil
}
