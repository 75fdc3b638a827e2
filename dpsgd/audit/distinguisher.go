package audit

import (
	"math"
	"sort"
)

// confidence is the chance that a lower bound on ε lies above the true one.
const confidence = 0.05

// confusion counts the guesses of a test that says "the canary is in" above a
// threshold.
type confusion struct {
	in, inTotal   int // said "in" on steps with the canary
	out, outTotal int // said "in" on steps without
}

// epsilon is the lower bound on ε that (ε, δ)-DP puts on any such test,
//
//	max{ln((TPR_lb − δ)/FPR_ub), ln((TNR_lb − δ)/FNR_ub), 0}
//
// with one-sided Clopper–Pearson bounds at alpha/2 (Nasr et al. 2021).
func (c confusion) epsilon(delta, alpha float64) float64 {
	bound := func(hits, hitTotal, alarms, alarmTotal int) float64 {
		hit := lowerProportion(hits, hitTotal, alpha/2) - delta
		alarm := upperProportion(alarms, alarmTotal, alpha/2)
		if hit <= 0 {
			return 0
		}
		return math.Max(0, math.Log(hit/alarm))
	}
	return math.Max(bound(c.in, c.inTotal, c.out, c.outTotal),
		bound(c.outTotal-c.out, c.outTotal, c.inTotal-c.in, c.inTotal))
}

// confusionAt counts sorted scores above threshold.
func confusionAt(with, without []float64, threshold float64) confusion {
	above := func(scores []float64) int { return len(scores) - sort.SearchFloat64s(scores, threshold) }
	return confusion{in: above(with), inTotal: len(with), out: above(without), outTotal: len(without)}
}

// twoWorldsEpsilon is the lower bound on ε from independent scores of steps with and
// without the canary. The first half of each chooses the threshold, the second
// half is what is counted: a threshold chosen on what is counted would be luck.
func twoWorldsEpsilon(with, without []float64, delta, alpha float64) float64 {
	sorted := func(scores []float64) []float64 {
		s := append([]float64(nil), scores...)
		sort.Float64s(s)
		return s
	}
	choose, chooseOut := sorted(with[:len(with)/2]), sorted(without[:len(without)/2])
	pooled := sorted(append(append([]float64(nil), choose...), chooseOut...))
	threshold, best := 0.0, -1.0
	for _, i := range candidates(len(pooled)) {
		if e := confusionAt(choose, chooseOut, pooled[i]).epsilon(delta, alpha); e > best {
			threshold, best = pooled[i], e
		}
	}
	return confusionAt(sorted(with[len(with)/2:]), sorted(without[len(without)/2:]), threshold).epsilon(delta, alpha)
}

// candidates are indices among n sorted scores, dense at both ends: the best
// threshold lies in a tail.
func candidates(n int) []int {
	var at []int
	for i := 0; i < n/2; i += 1 + i/16 {
		at = append(at, i, n-1-i)
	}
	return at
}
