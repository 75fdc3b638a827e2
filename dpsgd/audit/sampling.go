package audit

import (
	"context"
	"math"
)

// sampling reads who was in each batch off the noised sums, with next to no
// noise and an axis of its own for each record, and tests what Poisson sampling
// promises: a record is in at most once, as often as the rate says, as often
// twice running as independence says, and the batch size has var/mean = 1 − q.
// Shuffled batches have var/mean = 0.
func sampling(ctx context.Context, a *auditor) (Result, error) {
	records := int(min(256, max(16, 8/a.SampleRate)))
	t := a.table(a.SampleRate, 1e-3, axes(records, 2*a.MaxGradNorm), crowd(records, 1), a.ownSeed())
	b := newBatches(records)
	if err := a.eachStep(ctx, t, a.Effort.SamplingSteps, func(_ int, sum []float64) { b.addSum(sum, a.MaxGradNorm) }); err != nil {
		return Result{}, err
	}
	return b.result(a.SampleRate), nil
}

// batches counts who was in which batch.
type batches struct {
	steps, repeats float64
	size, squares  float64 // Σ size, Σ size²
	entries        []float64
	previous       []bool
	strange        float64 // a share of the sum that is no record's, or a record's twice
}

func newBatches(records int) *batches {
	return &batches{entries: make([]float64, records), previous: make([]bool, records)}
}

func (b *batches) addSum(sum []float64, clip float64) {
	size := 0.0
	for i := range b.entries {
		share := sum[i] / clip
		in := math.Abs(share-1) < 0.05
		if !in && !(math.Abs(share) < 0.05) && b.strange == 0 {
			b.strange = share
		}
		if in {
			size++
			b.entries[i]++
			if b.previous[i] {
				b.repeats++
			}
		}
		b.previous[i] = in
	}
	b.steps++
	b.size += size
	b.squares += size * size
}

func (b *batches) result(q float64) Result {
	n := float64(len(b.entries))
	mean := b.size / b.steps
	// The variance of an unbiased variance is σ⁴(2/(S−1) + κ/S), κ the excess
	// kurtosis, (1−6q(1−q))/(nq(1−q)) for a binomial.
	spread := n * q * (1 - q)
	dispersion, tolerance := 0.0, 1e-9
	if spread > 0 {
		dispersion = (b.squares - b.size*mean) / (b.steps - 1) / (n * q)
		kurtosis := (1 - 6*q*(1-q)) / spread
		tolerance = deviations * (1 - q) * math.Sqrt(2/(b.steps-1)+kurtosis/b.steps)
	}
	worst, worstEntry := 0.0, 0
	for i, count := range b.entries {
		if d := math.Abs(count - b.steps*q); d > worst {
			worst, worstEntry = d, i
		}
	}
	pairs := (b.steps - 1) * n
	switch {
	case b.strange != 0:
		return failed("a record added %.4g of its clipped gradient to the sum: "+
			"it entered a batch more than once, or the sum is not divided by a constant", b.strange)
	case !(math.Abs(b.size-b.steps*n*q) <= countTolerance(b.steps*spread)):
		return failed("batches of %.5g records on average, not %.5g", mean, n*q)
	case !(worst <= countTolerance(b.steps*q*(1-q))):
		return failed("record %d entered %.0f of %.0f batches, not about %.1f", worstEntry, b.entries[worstEntry], b.steps, b.steps*q)
	case !(math.Abs(dispersion-(1-q)) <= tolerance):
		return failed("var/mean of the batch size is %.4f, not %.4f ± %.4f: batches are not Poisson samples", dispersion, 1-q, tolerance)
	case !(math.Abs(b.repeats-pairs*q*q) <= countTolerance(pairs*(q*q*(1-q*q)+2*q*q*q*(1-q)))):
		return failed("a record entered two successive batches %.0f times, not about %.1f: batches depend on each other", b.repeats, pairs*q*q)
	}
	return passed("%.0f batches of %.4g of %.0f records: var/mean of the size %.4f, Poisson sampling has %.4f ± %.4f", b.steps, mean,
		n, dispersion, 1-q, tolerance)
}

// countTolerance is how far a count of that variance may be off. The constant
// covers the skewness of rare counts.
func countTolerance(variance float64) float64 { return deviations * (math.Sqrt(variance) + 1) }
