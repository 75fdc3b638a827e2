package audit

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/dpgan/dpgan/dpsgd/accounting"
)

// noNoise is so small that every draw of a rounded normal is 0.
const noNoise = 1e-3

// countSensitivity adds one record after the other to a table, with noise that rounds to
// 0: each table moves by one in one cell, each score by one at the most.
func countSensitivity(_ context.Context, a *countAuditor) (Result, error) {
	const cells, times, records = 16, 3, 40
	all := make([]uint32, records)
	for i := range all {
		all[i] = uint32(i*i+i/7) % cells
	}
	worst := extreme{}
	for _, expected := range [][]int64{nil, slices.Repeat([]int64{3}, cells)} {
		var before [][]float64
		for n := range records + 1 {
			counted, err := a.mechanism.Release(Counts{Records: all[:n], Cells: cells, Times: times, NoiseMultiplier: noNoise,
				Expected: expected, Epsilon: unlimitedEpsilon, Seed: a.ownSeed()})
			if err != nil {
				return Result{}, err
			}
			for t := range before {
				moved := 0.0
				for k, x := range counted.Values[t] {
					moved += math.Abs(x - before[t][k])
				}
				worst.raise(moved, fmt.Sprintf("record %d", n))
			}
			before = counted.Values
		}
	}
	return verdict(worst.distance == 1, "%d records added to tables and scores: each moved by %g at most (%s)", records,
		worst.distance, worst.name), nil
}

// charge asks for what no budget pays, and expects a refusal that costs nothing; then
// for what one does, and expects the ledger to have had it, as what it is, before the
// first row was looked at.
func charge(_ context.Context, a *countAuditor) (Result, error) {
	for _, r := range a.releases {
		c := Counts{Records: crowd(3, 5), Cells: 3, Times: r.Count, NoiseMultiplier: r.NoiseMultiplier, Epsilon: 1e-12, Seed: a.ownSeed()}
		if r.Scores {
			c.Expected = make([]int64, c.Cells)
		}
		counted, err := a.mechanism.Release(c)
		if err != nil {
			return Result{}, err
		}
		if counted.Values != nil || len(counted.Charged) > 0 {
			return failed("%s: released, or charged, beyond the budget", r.Name), nil
		}
		c.Epsilon = unlimitedEpsilon
		if counted, err = a.mechanism.Release(c); err != nil {
			return Result{}, err
		}
		cost, want := 0.0, 1/(r.NoiseMultiplier*r.NoiseMultiplier)*float64(r.Count)
		for _, e := range counted.Charged {
			if e.Mechanism == accounting.Gaussian {
				cost += float64(e.Count) / (e.NoiseMultiplier * e.NoiseMultiplier)
			}
		}
		if !(math.Abs(cost/want-1) < 1e-9) || len(counted.Values) != r.Count {
			return failed("%s: %d of noise multiplier %g are charged as %+v", r.Name, r.Count, r.NoiseMultiplier, counted.Charged), nil
		}
		if r.Scores && !counted.Before {
			return failed("%s: computed before the ledger had them", r.Name), nil
		}
	}
	return passed("%d kinds of counts: refused beyond the budget, and on disk before they are computed", len(a.releases)), nil
}

// choice adds up what is spent if any number of the tables that may be chosen are, with
// the noise that they share: never more than for all.
func choice(_ context.Context, a *countAuditor) (Result, error) {
	for _, r := range a.releases {
		if !r.Chosen {
			continue
		}
		most, err := accounting.PLD.Epsilon([]accounting.Event{r.event(r.Count, 1)}, a.Delta)
		if err != nil {
			return Result{}, err
		}
		for k := 1; k <= r.Count; k++ {
			epsilon, err := accounting.PLD.Epsilon([]accounting.Event{r.event(k, math.Sqrt(float64(k)/float64(r.Count)))}, a.Delta)
			if err != nil {
				return Result{}, err
			}
			if epsilon > most*(1+1e-9) {
				return failed("%d of %d %s cost ε=%.6g, all cost %.6g", k, r.Count, r.Name, epsilon, most), nil
			}
		}
		return passed("any number of %d %s costs ε=%.4g at most", r.Count, r.Name, most), nil
	}
	return passed("no table of this run is chosen by what the rows say"), nil
}

// countKeys makes the same release twice, with keys from the operating system.
func countKeys(_ context.Context, a *countAuditor) (Result, error) {
	const cells, times, sigma = 500, 4, 50.0
	var all [][]float64
	for range 2 {
		counted, err := a.mechanism.Release(Counts{Cells: cells, Times: times, NoiseMultiplier: sigma, Epsilon: unlimitedEpsilon})
		if err != nil {
			return Result{}, err
		}
		all = append(all, counted.Values...)
	}
	worst := 0.0
	for i, x := range all {
		for _, y := range all[:i] {
			product := 0.0
			for k := range x {
				product += x[k] * y[k] / (sigma * sigma)
			}
			worst = max(worst, math.Abs(product)/math.Sqrt(cells))
		}
	}
	const limit = deviations + 0.5 // of 28 pairs
	return verdict(worst <= limit, "two releases of %d tables: noise of two tables correlated by %.2f standard errors at most", times,
		worst), nil
}
