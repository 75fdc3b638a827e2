package discrete

import (
	"math/big"
	"math/bits"
	"sync"
)

// errorBits bounds the error of gaussianTail in units of 2^-precision. The sum of
// exp is off by 4n²·2^-precision of itself after n terms (see series), eight
// squarings make 2⁹ of that, and the rest is below 2^(8-precision): less than
// 2^(48-precision) up to a precision of 2^16, whose series have n ≤ 3·2^16 terms.
const errorBits = 48

// firstPrecision leaves 80 right bits.
const firstPrecision = 128

var one = big.NewInt(1)

// tailOf are the probabilities Pr[|X| > k] = erfc((k+½)/(σ√2)) of the rounded
// normal X of standard deviation σ = mantissa·2^exponent.
type tailOf struct {
	square   *big.Int // mantissa²
	exponent int
}

// bounds encloses Pr[|X| > k], k ≥ 0, in units of 2^-precision. With x = (k+½)/(σ√2)
// and y = x² it sums positive terms only, so nothing cancels:
//
//	erf(x) = (2x/√π) · Σ (2y)ⁿ/(2n+1)!! / Σ yⁿ/n!
//
// (Abramowitz, Stegun 1964, 7.1.6).
func (t *tailOf) bounds(k int64, precision uint) (low, high *big.Int) {
	unit := new(big.Int).Lsh(one, precision)
	odd := big.NewInt(2*k + 1)
	odd.Mul(odd, odd)
	// y = (2k+1)²/8σ²
	y := shifted(odd, int(precision)-3-2*t.exponent)
	y.Quo(y, t.square)
	if new(big.Int).Rsh(y, precision).Cmp(big.NewInt(int64(precision)*25/36+1)) >= 0 {
		return new(big.Int), big.NewInt(1) // erfc(x) ≤ e^-y ≤ 2^-precision
	}
	// 2x/√π = √((2k+1)²/2πσ²)
	root := shifted(odd, 3*int(precision)-1-2*t.exponent)
	root.Quo(root, new(big.Int).Mul(t.square, pi(precision)))
	root.Sqrt(root)
	exp := series(new(big.Int).Rsh(y, 8), precision, 1, 1)
	for range 8 {
		exp.Mul(exp, exp)
		exp.Rsh(exp, precision)
	}
	erf := series(new(big.Int).Lsh(y, 1), precision, 3, 2)
	erf.Mul(erf, root)
	erf.Quo(erf, exp)
	slack := new(big.Int).Lsh(one, errorBits)
	high = erf.Sub(unit, erf)
	low = new(big.Int).Sub(high, slack)
	high.Add(high, slack)
	if low.Sign() < 0 {
		low.SetInt64(0)
	}
	if high.Cmp(unit) > 0 {
		high.Set(unit)
	}
	return low, high
}

// floor is ⌊Pr[|X| > k]·2^n⌋, n ≤ 64. Where the bounds leave it open it takes more
// digits. That ends: erf of an algebraic number other than 0 is transcendental
// (Siegel 1929), so Pr[|X| > k] is no multiple of 2^-n.
func (t *tailOf) floor(k int64, n uint) uint64 {
	for precision := uint(firstPrecision); ; precision *= 2 {
		low, high := t.bounds(k, precision)
		low.Rsh(low, precision-n)
		high.Rsh(high, precision-n)
		if low.Cmp(high) == 0 {
			return low.Uint64()
		}
	}
}

// series is Σₙ yⁿ/(d₁⋯dₙ) from 1 up, dᵢ = first + (i-1)·step, in units of
// 2^-precision, as y is. With u such a unit, the n-th term Aₙ is cut by at most 2u,
// or 2u·Aₙ where it is above 1, and what was cut before grows as the terms do, which
// rise and then fall: by at most max(Aₙ, 1). So n terms lack 2n²·u·Σ together, and
// what follows the last, where the ratio is below 0.8, is below 15n·u.
func series(y *big.Int, precision uint, first, step int64) *big.Int {
	term := new(big.Int).Lsh(one, precision)
	sum := new(big.Int).Set(term)
	divisor := new(big.Int)
	for d := first; ; d += step {
		term.Mul(term, y)
		term.Rsh(term, precision)
		term.Quo(term, divisor.SetInt64(d))
		if term.Sign() == 0 {
			return sum
		}
		sum.Add(sum, term)
	}
}

// shifted is x·2^n, rounded down.
func shifted(x *big.Int, n int) *big.Int {
	if n >= 0 {
		return new(big.Int).Lsh(x, uint(n))
	}
	return new(big.Int).Rsh(x, uint(-n))
}

// pi is ⌊π·2^precision⌋, or one more or less.
func pi(precision uint) *big.Int {
	if precision == firstPrecision {
		return firstPi()
	}
	return machin(precision)
}

var firstPi = sync.OnceValue(func() *big.Int { return machin(firstPrecision) })

// machin is π = 16·arctan(1/5) - 4·arctan(1/239) (Machin 1706), with as many guard
// bits as its terms, each cut by 20 units at most, may cost.
func machin(precision uint) *big.Int {
	guard := 8 + uint(bits.Len(precision))
	arctan := func(n int64) *big.Int {
		power := shifted(one, int(precision+guard))
		power.Quo(power, big.NewInt(n))
		sum := new(big.Int).Set(power)
		for odd := int64(3); power.Sign() != 0; odd += 2 {
			power.Quo(power, big.NewInt(-n*n))
			sum.Add(sum, new(big.Int).Quo(power, big.NewInt(odd)))
		}
		return sum
	}
	p := arctan(5)
	p.Lsh(p, 4)
	p.Sub(p, new(big.Int).Lsh(arctan(239), 2))
	return p.Rsh(p, guard)
}
