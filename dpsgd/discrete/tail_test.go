package discrete

import (
	"math/big"
	"testing"
)

// erfcAlternating is Pr[|X| > k] by another way than the package's: the alternating
// series erf(x) = 2/√π · Σ (-1)ⁿx²ⁿ⁺¹/(n!(2n+1)), whose cancellation costs x²/ln 2 of
// the 4096 bits, and π by Euler's arctan(1/2) + arctan(1/3).
func erfcAlternating(sigma float64, k int64) *big.Float {
	const digits = 4096
	number := func(x float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(x) }
	ratio := func(a, b *big.Float) *big.Float { return number(0).Quo(a, b) }
	smallest := number(0).SetMantExp(number(1), -digits)
	// Σ (-1)ⁿ·first·ratioⁿ/divisor(n)
	alternating := func(first, factor *big.Float, divide func(n int, term, power *big.Float)) *big.Float {
		sum, power, term := number(0), number(0).Set(first), number(0)
		for n := 0; power.Cmp(smallest) > 0; n++ {
			divide(n, term, power)
			if n%2 == 1 {
				term.Neg(term)
			}
			sum.Add(sum, term)
			power.Mul(power, factor)
		}
		return sum
	}
	arctan := func(x *big.Float) *big.Float {
		return alternating(x, number(0).Mul(x, x), func(n int, term, power *big.Float) { term.Quo(power, number(float64(2*n+1))) })
	}
	pi := number(0).Add(arctan(ratio(number(1), number(2))), arctan(ratio(number(1), number(3))))
	pi.Mul(pi, number(4))
	x := ratio(number(float64(2*k+1)), number(0).Mul(number(2*sigma), number(0).Sqrt(number(2))))
	erf := alternating(x, number(0).Mul(x, x), func(n int, term, power *big.Float) {
		if n > 0 {
			power.Quo(power, number(float64(n)))
		}
		term.Quo(power, number(float64(2*n+1)))
	})
	erf.Mul(erf, ratio(number(2), number(0).Sqrt(pi)))
	return erf.Sub(number(1), erf)
}

// The bounds hold the probability, at every number of digits, and lie as close as
// they say; the floors are those of the probability.
func TestTailBounds(t *testing.T) {
	for _, tt := range []struct {
		sigma float64
		k     []int64
	}{
		{0.1, []int64{0, 1, 2}}, {0.7, []int64{0, 1, 3, 9}}, {1, []int64{0, 1, 5, 9, 14}}, {17.3, []int64{0, 7, 17, 100, 161, 300}},
		{1e3, []int64{0, 1, 999, 5000, 9132}}, {123456.789, []int64{0, 12345, 987_654}}, {1 << 40, []int64{0, 1, 1 << 39, 1 << 42, 9 << 40}},
	} {
		g, err := NewRoundedGaussian(tt.sigma)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range tt.k {
			want := erfcAlternating(tt.sigma, k)
			scaled := func(n uint) *big.Float { return new(big.Float).SetMantExp(want, int(n)) }
			for _, precision := range []uint{firstPrecision, 2 * firstPrecision, 4 * firstPrecision} {
				low, high := g.tail.bounds(k, precision)
				at := scaled(precision)
				if at.Cmp(new(big.Float).SetInt(low)) < 0 || at.Cmp(new(big.Float).SetInt(high)) > 0 {
					t.Errorf("σ=%g, k=%d, %d bits: %v … %v do not hold %v", tt.sigma, k, precision, low, high, at)
				}
				if width := new(big.Int).Sub(high, low); width.BitLen() > errorBits+2 {
					t.Errorf("σ=%g, k=%d, %d bits: bounds of width %v", tt.sigma, k, precision, width)
				}
			}
			if floor, _ := scaled(firstBits).Uint64(); g.floor(k) != floor {
				t.Errorf("σ=%g, k=%d: floor %d, want %d", tt.sigma, k, g.floor(k), floor)
			}
		}
	}
}

// Beyond 1, 2 and 3 standard deviations: the digits are those of printed tables.
func TestTailOfWholeDeviations(t *testing.T) {
	for deviations, want := range map[float64]string{
		1: "0.31731050786291410282953490873592", 2: "0.045500263896358414400565283330673", 3: "0.0026997960632601889045539432083416",
	} {
		p, _, err := big.ParseFloat(want, 10, 200, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		if d := new(big.Float).Sub(p, erfcAlternating(0.5/deviations, 0)); d.Sign() != 0 && d.MantExp(nil) > -52 {
			t.Errorf("beyond %gσ: off by %g", deviations, d)
		}
	}
}
