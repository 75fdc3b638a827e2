package audit

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"sort"

	"github.com/dpgan/dpgan/device"
)

// guessCount is how many of m canaries are guessed on; those in the middle of the
// scores are left out. Guesses on the surest few pay most, but r right ones of r
// prove no more than about ln(r/3), so a large claim needs many.
func guessCount(m int, claim float64) int {
	return 2 * max(1, int(math.Min(float64(m)/2, math.Max(100, 5*math.Exp(claim)))/2))
}

// oneRun hides each of m canaries with probability ½, runs the claimed steps
// once, and guesses from the noised sums who was there. The guesses bound ε twice: by
// what (ε, δ)-DP alone allows, and by the trade-off curve of the steps.
func oneRun(ctx context.Context, a *auditor) (Result, error) {
	m, steps := a.Effort.Canaries, min(a.Steps, a.Effort.RunSteps)
	present, records, err := a.canaries(m)
	if err != nil {
		return Result{}, err
	}
	if len(records) == 0 {
		return failed("none of %d canaries was drawn: repeat the audit", m), nil
	}
	scores := make([]float64, m)
	t := a.table(a.SampleRate, a.NoiseMultiplier, axes(m, 3*a.MaxGradNorm), records, a.ownSeed())
	err = a.eachStep(ctx, t, steps, func(_ int, sum []float64) {
		for i := range scores {
			scores[i] += logLikelihoodRatio(sum[i]/a.MaxGradNorm, a.SampleRate, a.NoiseMultiplier)
		}
	})
	if err != nil {
		return Result{}, err
	}
	claim, err := a.claim(a.SampleRate, steps)
	if err != nil {
		return Result{}, err
	}
	family, err := newGaussianFamily(a.event(a.SampleRate, steps), claim, a.Delta)
	if err != nil {
		return Result{}, err
	}
	return a.boundByGuesses(scores, present, claim, family, "%d steps with %d canaries", steps, m)
}

// boundByGuesses bounds ε by guesses from scores of all canaries of one run. Each of the two
// bounds fails with half the chance, so the higher one with all of it at most.
func (a *auditor) boundByGuesses(scores []float64, present []bool, claim float64, family gaussianFamily, what string,
	args ...any) (Result, error) {
	m, guesses := len(scores), guessCount(len(scores), claim)
	right := rightGuesses(scores, present, guesses)
	pointwise := oneRunEpsilon(m, guesses, right, a.Delta, confidence/2)
	curve, err := family.epsilon(oneRunMu(m, guesses, right, confidence/2))
	if err != nil {
		return Result{}, err
	}
	r := bounded(claim, math.Max(pointwise, curve),
		"%s, %d of %d guesses right: ε ≥ %.4g by the claim at δ alone, ε ≥ %.4g by its trade-off curve",
		fmt.Sprintf(what, args...), right, guesses, pointwise, curve)
	r.Pointwise, r.Curve = &pointwise, &curve
	return r, nil
}

// logLikelihoodRatio is ln of the density of o with the record over that without
// it: ln(1 − q + q·e^{(2o−1)/2σ²}).
func logLikelihoodRatio(o, q, sigma float64) float64 {
	x := (2*o - 1) / (2 * sigma * sigma)
	if x > 500 {
		return x + math.Log(q)
	}
	return math.Log1p(q * math.Expm1(x))
}

// rightGuesses counts the right ones among guesses: "in" for the highest half of
// them, "out" for the lowest.
func rightGuesses(scores []float64, present []bool, guesses int) int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return scores[order[i]] < scores[order[j]] })
	right := 0
	for i := range guesses / 2 {
		if !present[order[i]] {
			right++
		}
		if present[order[len(order)-1-i]] {
			right++
		}
	}
	return right
}

// canaries flips m fair coins for who is present, and lists the records that are.
func (a *auditor) canaries(m int) (present []bool, records []uint32, err error) {
	bits := make([]byte, m)
	if a.Seed == nil {
		if _, err := rand.Read(bits); err != nil {
			return nil, nil, fmt.Errorf("no randomness from the operating system: %w", err)
		}
	} else {
		draw := device.Draw{Seed: *a.sharedSeed()}
		for i := range bits {
			bits[i] = byte(draw.Block(uint32(i))[0] & 1)
		}
	}
	present = make([]bool, m)
	for i, b := range bits {
		if present[i] = b&1 == 1; present[i] {
			records = append(records, uint32(i))
		}
	}
	return present, records, nil
}
