package discrete

import (
	"fmt"
	"math"
	"sort"
)

// law is a symmetric distribution on the integers, as a float: what draws are held
// against.
type law struct {
	name  string
	scale float64                 // about its standard deviation
	reach float64                 // in scales: beyond lies less than 1e-17
	above func(k float64) float64 // Pr[X > k], k ≥ 0
}

func roundedLaw(sigma float64) law {
	return law{fmt.Sprintf("rounded gaussian, σ=%g", sigma), math.Max(sigma, 0.5), 12,
		func(k float64) float64 { return math.Erfc((k+0.5)/(sigma*math.Sqrt2)) / 2 }}
}

// between is Pr[from ≤ X < to] for a range that does not hold both signs.
func (l law) between(from, to float64) float64 {
	if to <= 1 && from < 0 {
		from, to = 1-to, 1-from
	}
	if from == 0 {
		return 1 - 2*l.above(0) + l.above(0) - l.above(to-1)
	}
	return l.above(from-1) - l.above(to-1)
}

// moment is E|X|^j, in sums over ranges of at most a thousandth of the scale.
func (l law) moment(j float64) float64 {
	width := math.Max(1, math.Floor(l.scale/1000))
	sum := 0.0
	for at := 1.0; at < l.reach*l.scale+2; at += width {
		sum += 2 * math.Pow(at+(width-1)/2, j) * l.between(at, at+width)
	}
	return sum
}

// False-alarm rates. Chernoff bounds hold at any count; where a sum is taken for
// normal, 7 standard errors leave 3e-12. The package makes some 10⁴ comparisons: less
// than 1e-6 in all.
const (
	alarm      = 1e-11
	deviations = 7.0
)

// strange reports whether hits of n trials of probability p lie where a binomial is
// with probability alarm at most: Pr ≤ e^{-n·KL(hits/n‖p)} on either side (Chernoff
// 1952), which unlike a Wilson interval holds for rare hits too.
func strange(hits, n, p float64) bool {
	if n == 0 {
		return false
	}
	term := func(x, mean float64) float64 {
		if x == 0 {
			return 0
		}
		return x * math.Log(x/mean)
	}
	return term(hits, n*p)+term(n-hits, n*(1-p)) > math.Log(2/alarm)
}

// findings are the tests that draws fail as draws from l: interval of each value, χ²,
// moments, symmetry, tails, ratios of neighbours. Values of wide laws are pooled.
func findings(l law, draws []int64) (failed []string) {
	fail := func(format string, args ...any) { failed = append(failed, fmt.Sprintf(format, args...)) }
	n := float64(len(draws))
	width := math.Max(1, math.Floor(l.scale/8))
	counts := map[float64]float64{} // by the pool's number, of |X| and the sign; pool 0 is 0 alone
	positive, negative := 0.0, 0.0
	sums, beyond := [5]float64{}, map[float64]float64{}
	for _, x := range draws {
		f := float64(x)
		pool := math.Copysign(math.Ceil(math.Abs(f)/width), f)
		counts[pool+0]++
		switch {
		case x > 0:
			positive++
		case x < 0:
			negative++
		}
		for _, j := range []int{1, 2, 4} {
			sums[j] += math.Pow(f/l.scale, float64(j))
		}
		for _, z := range []float64{3, 4, 5} {
			if math.Abs(f) > math.Floor(z*l.scale) {
				beyond[z]++
			}
		}
	}
	probability := func(pool float64) float64 {
		if pool == 0 {
			return l.between(0, 1)
		}
		return l.between((math.Abs(pool)-1)*width+1, math.Abs(pool)*width+1)
	}
	last := math.Ceil(l.reach * l.scale / width)
	chi, cells := 0.0, 0.0
	rest, restExpected := 0.0, 0.0
	for pool := -last; pool <= last; pool++ {
		p := probability(pool)
		expected := n * p
		if strange(counts[pool], n, p) {
			fail("value %g·%g: %g draws of %.1f", pool, width, counts[pool], expected)
		}
		if expected < 100 {
			rest, restExpected = rest+counts[pool], restExpected+expected
		} else {
			chi, cells = chi+(counts[pool]-expected)*(counts[pool]-expected)/expected, cells+1
		}
		if next := probability(pool + 1); pool < last && strange(counts[pool], counts[pool]+counts[pool+1], p/(p+next)) {
			fail("log-ratio of %g and %g: %.4f, not %.4f", pool, pool+1, math.Log(counts[pool]/counts[pool+1]), math.Log(p/next))
		}
	}
	if restExpected > 100 {
		chi, cells = chi+(rest-restExpected)*(rest-restExpected)/restExpected, cells+1
	}
	// Pr[χ²_d > d + 2√(dx) + 2x] ≤ e^-x (Laurent, Massart 2000, lemma 1).
	if d, x := cells-1, -math.Log(alarm); d > 0 && chi > d+2*math.Sqrt(d*x)+2*x {
		fail("χ² of %.1f over %g cells", chi, cells)
	}
	for _, j := range []int{1, 2, 4} {
		mean := 0.0
		if j > 1 {
			mean = l.moment(float64(j)) / math.Pow(l.scale, float64(j))
		}
		spread := math.Sqrt((l.moment(float64(2*j))/math.Pow(l.scale, float64(2*j)) - mean*mean) / n)
		if got := sums[j] / n; math.Abs(got-mean) > deviations*spread+1e-6*mean {
			fail("moment %d: %.6g, not %.6g ± %.2g", j, got, mean, spread)
		}
	}
	if strange(positive, positive+negative, 0.5) {
		fail("sign: %g positive, %g negative", positive, negative)
	}
	for _, z := range []float64{3, 4, 5} {
		if p := 2 * l.above(math.Floor(z*l.scale)); strange(beyond[z], n, p) {
			fail("beyond %gσ: %g of %.2f", z, beyond[z], n*p)
		}
	}
	sort.Strings(failed)
	return failed
}
