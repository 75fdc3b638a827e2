package audit

import (
	"context"
	"slices"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// twoWorldsOfCounts tells a table with a canary from the same table without it, by one count
// and by one score, of the release with the least noise.
func twoWorldsOfCounts(_ context.Context, a *countAuditor) (Result, error) {
	r := a.leastNoise()
	without := []uint32{1, 1, 1, 1, 1, 1, 1}
	claim, err := accounting.PLD.Epsilon([]accounting.Event{r.event(1, 1)}, a.Delta)
	if err != nil {
		return Result{}, err
	}
	highest := 0.0
	for _, expected := range [][]int64{nil, {0, int64(len(without))}} {
		var scores [2][]float64
		for i, records := range [][]uint32{append([]uint32{0}, without...), without} {
			counted, err := a.mechanism.Release(Counts{Records: records, Cells: 2, Times: a.Effort.WorldSteps,
				NoiseMultiplier: r.NoiseMultiplier, Expected: expected, Epsilon: unlimitedEpsilon, Seed: a.ownSeed()})
			if err != nil {
				return Result{}, err
			}
			for _, values := range counted.Values {
				scores[i] = append(scores[i], values[0])
			}
		}
		// Half of the error for each of the two.
		highest = max(highest, twoWorldsEpsilon(scores[0], scores[1], a.Delta, confidence/2))
	}
	return bounded(claim, highest, "a count and a score at noise multiplier %.4g, %d times with a canary and %d times without",
		r.NoiseMultiplier, a.Effort.WorldSteps, a.Effort.WorldSteps), nil
}

// oneRunOfCounts hides canaries, each with probability ½ and in a cell of its own, makes all
// tables of the run once, and guesses from the noisy counts who was there.
func oneRunOfCounts(_ context.Context, a *countAuditor) (Result, error) {
	m := a.Effort.Canaries
	present, records, err := a.canaries(m)
	if err != nil {
		return Result{}, err
	}
	scores, tables := make([]float64, m), 0
	var events []accounting.Event
	for _, r := range slices.DeleteFunc(slices.Clone(a.releases), func(r CountRelease) bool { return r.Scores }) {
		counted, err := a.mechanism.Release(Counts{Records: records, Cells: m, Times: r.Count, NoiseMultiplier: r.NoiseMultiplier,
			Epsilon: unlimitedEpsilon, Seed: a.ownSeed()})
		if err != nil {
			return Result{}, err
		}
		for _, table := range counted.Values {
			for i, x := range table {
				scores[i] += x / (r.NoiseMultiplier * r.NoiseMultiplier)
			}
		}
		tables, events = tables+r.Count, append(events, r.event(r.Count, 1))
	}
	claim, err := accounting.PLD.Epsilon(events, a.Delta)
	if err != nil {
		return Result{}, err
	}
	return a.boundByGuesses(scores, present, claim, gaussianFamily{delta: a.Delta, stretch: 1}, "%d tables with %d canaries", tables, m)
}
