package device

import (
	"math"
	"math/big"
)

// digits is the precision in bits of ExactNoise.
const digits = 320

// ExactNoise is draw i of RoundedNoise with 128 bits of each uniform and digits for
// all of them: the second 64 bits of the uniforms of a block are the words of ChaCha20
// at the same counter, of the stream plus NoiseStreams. They leave a draw undecided
// with a probability below 2^-90, and then the middle decides.
func ExactNoise(key *[8]uint32, stream uint32, step uint64, i uint64, sigma float64) float64 {
	nonce := [3]uint32{stream, uint32(step), uint32(step >> 32)}
	first := ChaCha20Block(key, uint32(i/8), nonce)
	nonce[0] += NoiseStreams
	more := ChaCha20Block(key, uint32(i/8), nonce)
	pair := int(i % 8 / 2 * 4)
	u, v := uniform(first[pair:], more[pair:]), uniform(first[pair+2:], more[pair+2:])

	r := negLog(u)
	r.Sqrt(r.Mul(r, real(2)))
	r.Mul(r, turn(v, i%2 == 1))
	r.Mul(r, real(sigma))
	return roundEven(r)
}

func real(x float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(x) }

// uniform is the middle of the reals that begin with the bits of two pairs of words.
func uniform(first, more []uint32) *big.Float {
	x := new(big.Int)
	for _, word := range []uint32{first[1], first[0], more[1], more[0]} {
		x.Or(x.Lsh(x, 32), big.NewInt(int64(word)))
	}
	x.Or(x.Lsh(x, 1), big.NewInt(1))
	u := real(0).SetInt(x)
	return u.SetMantExp(u, -129)
}

// negLog is -ln u for u in (0, 1): Newton's method on exp, from float64.
func negLog(u *big.Float) *big.Float {
	mantissa := real(0)
	exponent := u.MantExp(mantissa)
	m, _ := mantissa.Float64()
	y := real(math.Log(m))
	for range 3 { // 50, 100, 200, 400 bits
		// y += 2·(m - eʸ)/(m + eʸ)
		e := exp(y)
		up, down := real(0).Sub(mantissa, e), real(0).Add(mantissa, e)
		y.Add(y, up.Quo(up.Mul(up, real(2)), down))
	}
	y.Add(y, real(0).Mul(ln2, real(float64(exponent))))
	return y.Neg(y)
}

// exp is eʸ for |y| ≤ 1.
func exp(y *big.Float) *big.Float {
	const halvings = 16
	x := real(0).SetMantExp(y, -halvings)
	sum, term := real(1), real(1)
	for n := 1; n < 32; n++ { // (2^-16)^20/20! < 2^-380
		term.Quo(term.Mul(term, x), real(float64(n)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// turn is the cosine of 2πv, or its sine, v in (0, 1).
func turn(v *big.Float, sine bool) *big.Float {
	x := real(0).Mul(v, twoPi)
	square := real(0).Mul(x, x)
	term, from := real(1), 1
	if sine {
		term, from = real(0).Set(x), 2
	}
	sum := real(0).Set(term)
	for n := from; n < 160; n += 2 { // (2π)^160/160! < 2^-500
		term.Quo(term.Mul(term, square), real(float64(n*(n+1))))
		term.Neg(term)
		sum.Add(sum, term)
	}
	return sum
}

// roundEven is x rounded to an integer, half to even.
func roundEven(x *big.Float) float64 {
	doubled := real(0).Mul(real(0).Abs(x), real(2))
	n, _ := doubled.Int(nil) // floor of 2|x|
	half := new(big.Int).Rsh(n, 1)
	odd := n.Bit(0) == 1
	if odd && (!doubled.IsInt() || half.Bit(0) == 1) {
		half.Add(half, big.NewInt(1))
	}
	f, _ := new(big.Float).SetInt(half).Float64()
	return math.Copysign(f, float64(x.Sign()))
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
