package device

import (
	"math"
	"math/big"

	"github.com/dpgan/dpgan/internal/exact"
)

// ExactNoise is draw i of RoundedNoise with 128 bits of each uniform and all digits of
// package exact: the second 64 bits of the uniforms of a block are the words of ChaCha20
// at the same counter, of the stream plus NoiseStreams. They leave a draw undecided
// with a probability below 2^-90, and then the middle decides.
func ExactNoise(key *[8]uint32, stream uint32, step uint64, i uint64, sigma float64) float64 {
	nonce := [3]uint32{stream, uint32(step), uint32(step >> 32)}
	first := ChaCha20Block(key, uint32(i/8), nonce)
	nonce[0] += NoiseStreams
	more := ChaCha20Block(key, uint32(i/8), nonce)
	pair := int(i % 8 / 2 * 4)
	u, v := uniform(first[pair:], more[pair:]), uniform(first[pair+2:], more[pair+2:])

	r := exact.NegLog(u)
	r.Sqrt(r.Mul(r, exact.Real(2)))
	r.Mul(r, exact.Turn(v, i%2 == 1))
	r.Mul(r, exact.Real(sigma))
	return roundEven(r)
}

// uniform is the middle of the reals that begin with the bits of two pairs of words.
func uniform(first, more []uint32) *big.Float {
	x := new(big.Int)
	for _, word := range []uint32{first[1], first[0], more[1], more[0]} {
		x.Or(x.Lsh(x, 32), big.NewInt(int64(word)))
	}
	x.Or(x.Lsh(x, 1), big.NewInt(1))
	u := exact.Real(0).SetInt(x)
	return u.SetMantExp(u, -129)
}

// roundEven is x rounded to an integer, half to even.
func roundEven(x *big.Float) float64 {
	doubled := exact.Real(0).Mul(exact.Real(0).Abs(x), exact.Real(2))
	n, _ := doubled.Int(nil) // floor of 2|x|
	half := new(big.Int).Rsh(n, 1)
	odd := n.Bit(0) == 1
	if odd && (!doubled.IsInt() || half.Bit(0) == 1) {
		half.Add(half, big.NewInt(1))
	}
	f, _ := new(big.Float).SetInt(half).Float64()
	return math.Copysign(f, float64(x.Sign()))
}
