// Package exact computes a few functions with hundreds of binary digits, for the draws that float64 does not
// decide. It knows nothing of what is drawn.
package exact

import (
	"math"
	"math/big"
)

// digits is the precision of results in bits, of which all but some 20 are right.
const digits = 320

// Real is x.
func Real(x float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(x) }

// NegLog is -ln u for u in (0, 1): Newton's method on exp, from float64.
func NegLog(u *big.Float) *big.Float {
	mantissa := Real(0)
	exponent := u.MantExp(mantissa)
	m, _ := mantissa.Float64()
	y := Real(math.Log(m))
	for range 3 { // 50, 100, 200, 400 bits
		// y += 2·(m - eʸ)/(m + eʸ)
		e := exp(y)
		up, down := Real(0).Sub(mantissa, e), Real(0).Add(mantissa, e)
		y.Add(y, up.Quo(up.Mul(up, Real(2)), down))
	}
	y.Add(y, Real(0).Mul(ln2, Real(float64(exponent))))
	return y.Neg(y)
}

// exp is eʸ for |y| ≤ 1.
func exp(y *big.Float) *big.Float {
	const halvings = 16
	x := Real(0).SetMantExp(y, -halvings)
	sum, term := Real(1), Real(1)
	for n := 1; n < 32; n++ { // (2^-16)^20/20! < 2^-380
		term.Quo(term.Mul(term, x), Real(float64(n)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// Turn is the cosine of 2πv, or its sine, v in (0, 1).
func Turn(v *big.Float, sine bool) *big.Float {
	x := Real(0).Mul(v, twoPi)
	square := Real(0).Mul(x, x)
	term, from := Real(1), 1
	if sine {
		term, from = Real(0).Set(x), 2
	}
	sum := Real(0).Set(term)
	for n := from; n < 160; n += 2 { // (2π)^160/160! < 2^-500
		term.Quo(term.Mul(term, square), Real(float64(n*(n+1))))
		term.Neg(term)
		sum.Add(sum, term)
	}
	return sum
}

// The constants, to more digits than are used (OEIS A002162, A019692).
var (
	ln2   = constant("0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863326996418687542001481020570685734")
	twoPi = constant("6.28318530717958647692528676655900576839433879875021164194988918461563281257241799725606965068423413596429617302656461329")
)

func constant(text string) *big.Float {
	x, _, err := big.ParseFloat(text, 10, digits, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return x
}
