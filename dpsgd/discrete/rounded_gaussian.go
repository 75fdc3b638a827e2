package discrete

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/big"
	"sync/atomic"
)

// maxSigma keeps draws far within int64.
const maxSigma = 1 << 40

// keptTails is the most tail probabilities that a RoundedGaussian keeps, 8 bytes
// each: all that 63 bits can tell from 0 up to σ = 7000.
const keptTails = 1 << 16

// RoundedGaussian is the normal distribution N(0, σ²) rounded to the nearest integer,
//
//	P(k) = Φ((k+½)/σ) - Φ((k-½)/σ),
//
// drawn exactly. Added to an integer of sensitivity 1 it is the Gaussian mechanism of
// noise multiplier σ followed by rounding, since n + round(z) = round(n + z): post-
// processing, so it costs what that mechanism costs, at every σ and under every
// composition. Draws may be made on several threads at once.
type RoundedGaussian struct {
	sigma float64
	tail  tailOf
	// kept[k] is 1 + ⌊Pr[|X| > k]·2^firstBits⌋, 0 as long as it is not known.
	kept []atomic.Uint64
}

// NewRoundedGaussian takes a standard deviation 0 < sigma ≤ 2^40, as the real number
// that the float is.
func NewRoundedGaussian(sigma float64) (*RoundedGaussian, error) {
	if !(sigma > 0) || sigma > maxSigma {
		return nil, fmt.Errorf("discrete: gaussian sigma=%v: must be above 0 and at most 2^40", sigma)
	}
	const digits = 53
	fraction, exponent := math.Frexp(sigma)
	mantissa := big.NewInt(int64(math.Ldexp(fraction, digits)))
	g := &RoundedGaussian{sigma: sigma, tail: tailOf{new(big.Int).Mul(mantissa, mantissa), exponent - digits}}
	g.kept = make([]atomic.Uint64, int(min(9.3*sigma+2, keptTails)))
	return g, nil
}

// drawsAtOnce is how many draws' bytes are read at a time.
const drawsAtOnce = 512

// Fill draws each of dst independently, from uniform bytes of source. After an error
// dst holds no noise to rely on.
func (g *RoundedGaussian) Fill(dst []int64, source io.Reader) error {
	words := make([]byte, 8*min(len(dst), drawsAtOnce))
	for len(dst) > 0 {
		n := min(len(dst), drawsAtOnce)
		if _, err := io.ReadFull(source, words[:8*n]); err != nil {
			return fmt.Errorf("discrete: read randomness: %w", err)
		}
		for i := range n {
			x, err := g.invert(binary.LittleEndian.Uint64(words[8*i:]), source)
			if err != nil {
				return err
			}
			dst[i] = x
		}
		dst = dst[n:]
	}
	return nil
}

// leastGuessed is the least probability that math.Erfcinv takes for one.
const leastGuessed = 0x1p-52

// invert draws by inversion: |X| is the number of k ≥ 0 with U < Pr[|X| > k]. word
// gives the sign, which 0 has no use for, and the first bits of U; source gives more of
// them, which once in 2^50 draws or so are needed. The float says where to look first,
// integers decide.
func (g *RoundedGaussian) invert(word uint64, source io.Reader) (k int64, err error) {
	first := word >> 1
	guess := math.Erfcinv(max((float64(first)+0.5)/(1<<firstBits), leastGuessed))
	k = int64(math.Round(guess * math.Sqrt2 * g.sigma))
	if !(k < int64(len(g.kept)) && first > g.floor(k) && (k == 0 || first < g.floor(k-1))) {
		k, err = g.search(&uniform{first: first, source: source}, k)
	}
	if word&1 == 1 {
		k = -k
	}
	return k, err
}

// search is the least k ≥ 0 with U ≥ Pr[|X| > k], by steps from a guess that double and
// then halve.
func (g *RoundedGaussian) search(u *uniform, guess int64) (int64, error) {
	var err error
	below := func(k int64) (is bool) {
		if k >= 0 && err == nil {
			is, err = g.below(u, k)
		}
		return is || k < 0
	}
	low, high := guess-1, guess
	for step := int64(1); below(high); step *= 2 {
		low, high = high, high+step
	}
	for step := int64(1); !below(low) && err == nil; step *= 2 {
		low, high = max(low-step, -1), low
	}
	for high-low > 1 && err == nil {
		if middle := low + (high-low)/2; below(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return high, err
}

// below reports whether u < Pr[|X| > k].
func (g *RoundedGaussian) below(u *uniform, k int64) (bool, error) {
	if floor := g.floor(k); u.first != floor {
		return u.first < floor, nil
	}
	return u.below(&g.tail, k)
}

// floor is ⌊Pr[|X| > k]·2^firstBits⌋.
func (g *RoundedGaussian) floor(k int64) uint64 {
	if k >= int64(len(g.kept)) {
		return g.tail.floor(k, firstBits)
	}
	known := g.kept[k].Load()
	if known == 0 {
		known = 1 + g.tail.floor(k, firstBits)
		g.kept[k].Store(known)
	}
	return known - 1
}
