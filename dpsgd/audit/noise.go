package audit

import (
	"context"
	"math"
)

// deviations is the number of standard errors that right code may be off. Once
// in 10⁶ audits chance alone exceeds it.
const deviations = 5.0

// noise measures the noise of steps with an empty batch and with one of all
// records: its variance (χ²), and that successive steps and neighbouring
// coordinates share none.
func noise(ctx context.Context, a *auditor) (Result, error) {
	const dimension = 8
	gradients := axes(dimension, 2*a.MaxGradNorm)
	records := crowd(dimension, 1)
	std := a.NoiseMultiplier * a.MaxGradNorm
	for _, batch := range []struct {
		name string
		rate float64
	}{{"empty", neverRate}, {"full", 1}} {
		var m moments
		t := a.table(batch.rate, a.NoiseMultiplier, gradients, records, a.ownSeed())
		if err := a.eachStep(ctx, t, a.Effort.NoiseSteps, func(_ int, sum []float64) { m.addSum(sum, std) }); err != nil {
			return Result{}, err
		}
		variance, successive, neighbours := m.z()
		for _, z := range []struct {
			name  string
			value float64
		}{{"variance", variance}, {"correlation of successive steps", successive}, {"correlation of neighbouring coordinates", neighbours}} {
			if !(math.Abs(z.value) <= deviations) {
				return failed("%s batch: the noise's %s is %.3g standard errors off; its variance is %.4g of (noise_multiplier·max_grad_norm)²",
					batch.name, z.name, z.value, m.squares/m.count), nil
			}
		}
	}
	return passed("χ² of the variance and correlations within %g standard errors, over empty and full batches", deviations), nil
}

// moments are sums over noise in units of its claimed standard deviation. The
// mean of a step's sum, which is the same at every step, is taken off by
// comparing each step with the one before: (xₜ − xₜ₋₁)/√2 has the noise's variance.
type moments struct {
	previous, difference               []float64
	count, squares, successive, across float64
}

func (m *moments) addSum(sum []float64, std float64) {
	if m.previous == nil {
		m.previous = append(m.previous, sum...)
		return
	}
	current := make([]float64, len(sum))
	for i, x := range sum {
		current[i] = (x - m.previous[i]) / (math.Sqrt2 * std)
		m.previous[i] = x
		m.squares += current[i] * current[i]
		m.count++
		if i > 0 {
			m.across += current[i] * current[i-1]
		}
		if m.difference != nil {
			m.successive += current[i] * m.difference[i]
		}
	}
	m.difference = current
}

// z are the deviations of variance, correlation of successive steps and of
// neighbouring coordinates from those of independent noise, in standard errors.
// With dₜ = (xₜ − xₜ₋₁)/√2: E dₜ² = 1, E dₜdₜ₋₁ = −½; the variance of Σdₜ² is 3n,
// that of Σdₜdₜ₋₁ is 7n/4, that of Σ over pairs of coordinates is 3n/2.
func (m *moments) z() (variance, successive, neighbours float64) {
	n := m.count
	return (m.squares - n) / math.Sqrt(3*n), (m.successive + n/2) / math.Sqrt(1.75*n), m.across / math.Sqrt(1.5*n)
}
