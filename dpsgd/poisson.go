package dpsgd

import (
	"math"
	"math/big"

	"github.com/dpgan/dpgan/internal/exact"
)

// poissonSampler draws batches in which each of n rows is present by its own
// Bernoulli(q) draw, independently of all others and of earlier batches, q the real
// number that rate is. It skips from one chosen row to the next by geometric gaps,
// ⌊ln U / ln(1-q)⌋ with uniform reals U from a ChaCha20 stream, so a batch costs
// O(qn) (Devroye 1986, ch. X.2).
//
// The gaps are exact: of U 53 bits are known, and where they, or the rounding of
// logarithms, leave open which side of an integer the quotient is on, 64 bits more are
// drawn and computed to hundreds of digits. That leaves a gap undecided with a probability below
// 2⁻⁶⁰.
type poissonSampler struct {
	source *stream
	rows   int
	rate   float64
}

// sample appends the chosen rows, ascending, to dst.
func (p *poissonSampler) sample(dst []uint32) []uint32 {
	if p.rate >= 1 {
		for i := range p.rows {
			dst = append(dst, uint32(i))
		}
		return dst
	}
	logSkip := math.Log1p(-p.rate)
	for i := 0; ; i++ {
		gap := p.gap(logSkip)
		if gap >= float64(p.rows-i) {
			return dst
		}
		i += int(gap)
		dst = append(dst, uint32(i))
	}
}

// gap is the number of rows that are passed over.
func (p *poissonSampler) gap(logSkip float64) float64 {
	word := p.source.uint64()
	u := (float64(word>>11) + 0.5) * (1.0 / (1 << 53))
	x := math.Log(u) / logSkip
	gap := math.Floor(x)
	// U is within 2⁻⁵³ of u; logarithms and quotient are good to 2⁻⁵⁰ each.
	within := 0x1p-52/(u*-logSkip) + x*0x1p-47
	if above := x - gap; above > within && 1-above > within {
		return gap
	}
	return p.exactGap(word)
}

// exactGap is the gap of a U whose first 64 bits are word.
func (p *poissonSampler) exactGap(word uint64) float64 {
	bits := new(big.Int).SetUint64(word)
	bits.Or(bits.Lsh(bits, 64), new(big.Int).SetUint64(p.source.uint64()))
	bits.Or(bits.Lsh(bits, 1), big.NewInt(1)) // the middle of what U may be
	u := exact.Real(0).SetInt(bits)
	u.SetMantExp(u, -129)
	rest := exact.Real(1)
	rest.Sub(rest, exact.Real(p.rate))
	quotient := exact.NegLog(u)
	quotient.Quo(quotient, exact.NegLog(rest))
	whole, _ := quotient.Int(nil)
	gap, _ := new(big.Float).SetInt(whole).Float64()
	return gap
}
