package eval

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Column compares one column of a synthetic table with train.
type Column struct {
	Name   string `json:"name"`
	Number bool   `json:"number"`
	// Datetime tells that numbers are seconds since 1970.
	Datetime bool   `json:"datetime,omitempty"`
	TVD      Number `json:"tvd"` // on the public bins
	// Test is ks (numbers) or chi2; Statistic is D or χ²; P is how often two
	// samples of one population differ as much. At 10^5 rows P is small for
	// differences that no use of the table would notice: TVD is the size.
	Test      string   `json:"test"`
	Statistic Number   `json:"statistic"`
	P         Number   `json:"p"`
	Missing   Pair     `json:"missing"` // shares
	Moments   *Moments `json:"moments,omitempty"`
}

// Pair is a number of train and of the synthetic table.
type Pair struct {
	Train     Number `json:"train"`
	Synthetic Number `json:"synthetic"`
}

func pair(train, synthetic float64) Pair { return Pair{Number(train), Number(synthetic)} }

// Moments are those of a numeric column, over the rows that are not missing,
// in its own unit (datetime: seconds since 1970).
type Moments struct {
	Mean   Pair `json:"mean"`
	SD     Pair `json:"sd"`
	Low    Pair `json:"q01"` // quantiles: 1 %, 50 %, 99 %
	Median Pair `json:"median"`
	High   Pair `json:"q99"`
}

// compareColumn fills everything but TVD.
func compareColumn(columns []column, j int, train, synthetic *Table) Column {
	c := &columns[j]
	a, b := train.columns[j], synthetic.columns[j]
	out := Column{Name: c.name, Number: c.number, Datetime: c.datetime, Missing: pair(missingShare(c, a), missingShare(c, b))}
	if !c.number {
		out.Test = "chi2"
		statistic, p := chiSquared(a, b, c.size)
		out.Statistic, out.P = Number(statistic), Number(p)
		return out
	}
	out.Test = "ks"
	x, y := known(c, a), known(c, b)
	statistic, probability := kolmogorovSmirnov(x, y)
	out.Statistic, out.P = Number(statistic), Number(probability)
	p, q := moments(train, j, x), moments(synthetic, j, y)
	out.Moments = &Moments{Mean: pair(p[0], q[0]), SD: pair(p[1], q[1]), Low: pair(p[2], q[2]), Median: pair(p[3], q[3]),
		High: pair(p[4], q[4])}
	return out
}

func missingShare(c *column, codes []uint32) float64 {
	n := 0
	for _, code := range codes {
		if c.missing(code) {
			n++
		}
	}
	return float64(n) / float64(len(codes))
}

// known are the codes that are not missing, ascending.
func known(c *column, codes []uint32) []uint32 {
	out := make([]uint32, 0, len(codes))
	for _, code := range codes {
		if !c.missing(code) {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// moments of ascending codes of column j: mean, standard deviation, quantiles
// 1 %, 50 % and 99 %; NaN for no rows.
func moments(t *Table, j int, codes []uint32) [5]float64 {
	if len(codes) == 0 {
		nan := math.NaN()
		return [5]float64{nan, nan, nan, nan, nan}
	}
	n := float64(len(codes))
	mean, squares := 0.0, 0.0
	for _, code := range codes {
		mean += t.codec.Value(j, code) / n
	}
	for _, code := range codes {
		d := t.codec.Value(j, code) - mean
		squares += d * d / n
	}
	at := func(share float64) float64 { return t.codec.Value(j, codes[int(share*(n-1)+.5)]) }
	return [5]float64{mean, math.Sqrt(squares), at(.01), at(.5), at(.99)}
}

// chiSquared is Pearson's test that two samples of codes come from one
// population. Codes that would be expected less than five times are taken
// together, so that the χ² distribution holds.
func chiSquared(a, b []uint32, size uint32) (statistic, p float64) {
	counts := make([][2]float64, size)
	for _, code := range a {
		counts[code][0]++
	}
	for _, code := range b {
		counts[code][1]++
	}
	share := float64(len(a)) / float64(len(a)+len(b))
	cells := 0
	add := func(x [2]float64) {
		if total := x[0] + x[1]; total > 0 {
			e, f := total*share, total*(1-share)
			statistic += (x[0]-e)*(x[0]-e)/e + (x[1]-f)*(x[1]-f)/f
			cells++
		}
	}
	var rare [2]float64
	for _, x := range counts {
		if (x[0]+x[1])*min(share, 1-share) < 5 {
			rare[0] += x[0]
			rare[1] += x[1]
		} else {
			add(x)
		}
	}
	add(rare)
	if cells < 2 {
		return 0, 1
	}
	return statistic, distuv.ChiSquared{K: float64(cells - 1)}.Survival(statistic)
}

// kolmogorovSmirnov is the largest distance of two distribution functions,
// x and y ascending, and its asymptotic probability under one population
// (conservative where there are ties). Without rows on one side D is 1.
func kolmogorovSmirnov(x, y []uint32) (d, p float64) {
	if len(x) == 0 || len(y) == 0 {
		if len(x) == len(y) {
			return 0, 1
		}
		return 1, 0
	}
	n, m := float64(len(x)), float64(len(y))
	for i, j := 0, 0; i < len(x) && j < len(y); {
		code := min(x[i], y[j])
		for i < len(x) && x[i] == code {
			i++
		}
		for j < len(y) && y[j] == code {
			j++
		}
		d = max(d, math.Abs(float64(i)/n-float64(j)/m))
	}
	// Q(λ) = 2Σ(−1)^{k−1}e^{−2k²λ²}, with Stephens' correction of λ for small samples.
	root := math.Sqrt(n * m / (n + m))
	lambda := (root + .12 + .11/root) * d
	if lambda < .2 {
		return d, 1
	}
	sign := 2.0
	for k := 1.0; k <= 100; k++ {
		p += sign * math.Exp(-2*k*k*lambda*lambda)
		sign = -sign
	}
	return d, min(max(p, 0), 1)
}
