package learn

import (
	"math"
	"math/rand/v2"
	"slices"
)

// ranking is a set of scored rows in ascending order of score.
type ranking struct {
	order    []int32
	last     []bool // the row ends a run of equal scores
	positive []bool // in the order of the rows
}

func newRanking(scores []float64, positive []bool) *ranking {
	r := &ranking{order: make([]int32, len(scores)), last: make([]bool, len(scores)), positive: positive}
	for i := range r.order {
		r.order[i] = int32(i)
	}
	slices.SortFunc(r.order, func(a, b int32) int {
		switch {
		case scores[a] < scores[b]:
			return -1
		case scores[a] > scores[b]:
			return 1
		}
		return int(a - b)
	})
	for i, at := range r.order {
		r.last[i] = i+1 == len(r.order) || scores[r.order[i+1]] != scores[at]
	}
	return r
}

// area is the AUC with row i counted weight[i] times; nil counts each once: the area
// under the ROC curve, which is the probability that a positive row scores higher than
// a negative one, ties counted half (Mann–Whitney). NaN if one side has no rows.
func (r *ranking) area(weight []int32) float64 {
	var below, wins, p, n float64 // negatives below the run; the run's positives and negatives
	var positives float64
	for i, at := range r.order {
		w := 1.0
		if weight != nil {
			w = float64(weight[at])
		}
		if r.positive[at] {
			p += w
		} else {
			n += w
		}
		if r.last[i] {
			wins += p * (below + n/2)
			below += n
			positives += p
			p, n = 0, 0
		}
	}
	if positives == 0 || below == 0 {
		return math.NaN()
	}
	return wins / (positives * below)
}

// MacroAUC is the mean over classes of the AUC of a class against the rest;
// classes that the target lacks, or that are all of it, do not count.
// probabilities is [classes][rows].
func MacroAUC(probabilities [][]float64, classes []float64) float64 {
	return macro(rankings(probabilities, classes), nil)
}

// rankings are those of every class against the rest; of two classes the second
// says all.
func rankings(probabilities [][]float64, classes []float64) []*ranking {
	first := 0
	if len(probabilities) == 2 {
		first = 1
	}
	var out []*ranking
	for k := first; k < len(probabilities); k++ {
		positive := make([]bool, len(classes))
		for i, y := range classes {
			positive[i] = int(y) == k
		}
		out = append(out, newRanking(probabilities[k], positive))
	}
	return out
}

func macro(all []*ranking, weight []int32) float64 {
	sum, n := 0.0, 0.0
	for _, r := range all {
		if a := r.area(weight); !math.IsNaN(a) {
			sum += a
			n++
		}
	}
	return sum / n
}

// intervalDraws is the number of bootstrap samples behind an interval.
const intervalDraws = 200

// MacroAUCInterval is the 95 % percentile interval of MacroAUC over bootstrap
// samples of the rows.
func MacroAUCInterval(probabilities [][]float64, classes []float64, random *rand.Rand) (low, high float64) {
	all := rankings(probabilities, classes)
	return Interval(len(classes), random, func(weight []int32) float64 { return macro(all, weight) })
}

// Interval is the 95 % percentile interval of a statistic over bootstrap
// samples of n rows, each given as how often it holds every row.
func Interval(n int, random *rand.Rand, statistic func(weight []int32) float64) (low, high float64) {
	draws := make([]float64, 0, intervalDraws)
	weight := make([]int32, n)
	for range intervalDraws {
		clear(weight)
		for range n {
			weight[random.IntN(n)]++
		}
		if v := statistic(weight); !math.IsNaN(v) {
			draws = append(draws, v)
		}
	}
	if len(draws) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(draws)
	at := func(share float64) float64 { return draws[int(share*float64(len(draws)-1)+.5)] }
	return at(.025), at(.975)
}

// ROC is the curve of scores for the rows where positive is true, thinned to
// at most points points: false positive rate and true positive rate, from (0, 0)
// to (1, 1).
func ROC(scores []float64, positive []bool, points int) (fpr, tpr []float64) {
	r := newRanking(scores, positive)
	var n, p float64
	for _, is := range positive {
		if is {
			p++
		} else {
			n++
		}
	}
	fpr, tpr = []float64{0}, []float64{0}
	var fp, tp float64
	// The highest score first: walk the ascending order backwards.
	for i := len(r.order) - 1; i >= 0; i-- {
		if positive[r.order[i]] {
			tp++
		} else {
			fp++
		}
		runEnds := i == 0 || r.last[i-1]
		far := math.Hypot(fp/n-fpr[len(fpr)-1], tp/p-tpr[len(tpr)-1]) > 1.5/float64(points)
		if runEnds && (far || i == 0) {
			fpr, tpr = append(fpr, fp/n), append(tpr, tp/p)
		}
	}
	return fpr, tpr
}

// F1 is the harmonic mean of precision and recall of the rows where predicted
// is true; 0 if there is no hit.
func F1(predicted, positive []bool) float64 {
	var hits, sum float64
	for i, p := range predicted {
		if p {
			sum++
		}
		if positive[i] {
			sum++
		}
		if p && positive[i] {
			hits++
		}
	}
	if hits == 0 {
		return 0
	}
	return 2 * hits / sum
}

// R2 is 1 − Σ(y−ŷ)²/Σ(y−ȳ)², each row counted weight times (nil: once); NaN if
// y is constant.
func R2(predicted, values []float64, weight []int32) float64 {
	count := func(i int) float64 {
		if weight == nil {
			return 1
		}
		return float64(weight[i])
	}
	var n, mean float64
	for i, y := range values {
		n += count(i)
		mean += count(i) * y
	}
	mean /= n
	var residual, total float64
	for i, y := range values {
		residual += count(i) * (y - predicted[i]) * (y - predicted[i])
		total += count(i) * (y - mean) * (y - mean)
	}
	if total == 0 {
		return math.NaN()
	}
	return 1 - residual/total
}
