package marginal

import (
	"math"

	"github.com/dpgan/dpgan/tabular"
)

// Shares that are publicly known and those of a paid table are two measurements of
// the same thing, each with an error of known size; the best of both weighs them
// by the inverse of their variances.

// publicMarginals are the public shares that rules declare, by column.
func publicMarginals(rules *tabular.Rules) map[int]*tabular.Marginal {
	public := map[int]*tabular.Marginal{}
	for _, m := range rules.Marginals() {
		public[m.Column] = &m
	}
	return public
}

// blend combines noisy shares of rows with public ones. The public ones count as
// measured on confidence rows, with a variance of p(1-p)/confidence; the noisy
// ones come from rows rows, p(1-p)/rows, with noise of the given standard
// deviation on each count of bins[g] that make group g, bins·noise²/rows². p is
// the public share, drawn half a row inward, so that nothing is certain. The
// result sums to one.
func blend(noisy, public []float64, bins []int, noise, rows, confidence float64) []float64 {
	out, sum := make([]float64, len(noisy)), 0.0
	for g := range noisy {
		half := 0.5 / (confidence + 1)
		p := math.Min(math.Max(public[g], half), 1-half)
		theirs := p * (1 - p) / confidence
		ours := p*(1-p)/rows + float64(bins[g])*noise*noise/(rows*rows)
		out[g] = math.Max(0, (noisy[g]/ours+public[g]/theirs)/(1/ours+1/theirs))
		sum += out[g]
	}
	for g := range out {
		out[g] /= sum
	}
	return out
}

// withPublic moves the noisy counts of a column's bins [edges[b], edges[b+1]),
// whose noise has the given standard deviation, towards the public shares of m:
// the sums of its groups become rows times their blend, and within a group bins
// keep their ratios. A bin that lies in several groups belongs to each by the
// codes it has there, and shows their shares only as finely as it is.
func withPublic(counts []float64, edges []uint32, noise, rows float64, m *tabular.Marginal) []float64 {
	groups := len(m.Groups)
	overlap := make([][]float64, groups) // [group][bin]: the share of the bin's codes
	noisy, bins := make([]float64, groups), make([]int, groups)
	for g, codes := range m.Groups {
		overlap[g] = make([]float64, len(counts))
		for b, n := range counts {
			for _, run := range codes {
				if from, to := max(run.From, edges[b]), min(run.To, edges[b+1]); from < to {
					overlap[g][b] += float64(to-from) / float64(edges[b+1]-edges[b])
				}
			}
			if overlap[g][b] > 0 {
				noisy[g] += overlap[g][b] * n / rows
				bins[g]++
			}
		}
	}
	out := append([]float64(nil), counts...)
	for g, share := range blend(noisy, m.Shares, bins, noise, rows, m.Confidence) {
		spreadChange(out, counts, overlap[g], (share-noisy[g])*rows)
	}
	return out
}

// spreadChange adds change to out, in proportion to the counts of a group that are above
// 0, or else to the codes of its bins.
func spreadChange(out, counts, overlap []float64, change float64) {
	weights, sum := make([]float64, len(counts)), 0.0
	for b, n := range counts {
		weights[b] = overlap[b] * math.Max(n, 0)
		sum += weights[b]
	}
	if sum == 0 {
		copy(weights, overlap)
		for _, w := range overlap {
			sum += w
		}
	}
	for b, w := range weights {
		out[b] += change * w / sum
	}
}
