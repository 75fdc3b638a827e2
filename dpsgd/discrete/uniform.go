package discrete

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
)

// firstBits is the number of bits of a uniform that are drawn at once; one bit of
// the same word is the sign.
const firstBits = 63

// uniform is a uniform real number in [0, 1), of which as many bits are drawn as
// are looked at.
type uniform struct {
	first  uint64   // the first firstBits bits
	more   *big.Int // the first drawn bits, first among them; nil if there are no others
	drawn  uint
	source io.Reader
}

// bits are the first n bits, n ≥ firstBits.
func (u *uniform) bits(n uint) (*big.Int, error) {
	if u.more == nil {
		u.more, u.drawn = new(big.Int).SetUint64(u.first), firstBits
	}
	for u.drawn < n {
		var word [8]byte
		if _, err := io.ReadFull(u.source, word[:]); err != nil {
			return nil, fmt.Errorf("discrete: read randomness: %w", err)
		}
		u.more.Lsh(u.more, 64)
		u.more.Or(u.more, new(big.Int).SetUint64(binary.LittleEndian.Uint64(word[:])))
		u.drawn += 64
	}
	return new(big.Int).Rsh(u.more, u.drawn-n), nil
}

// below reports whether u < Pr[|X| > k], with as many digits of both as it takes.
func (u *uniform) below(t *tailOf, k int64) (bool, error) {
	for precision := uint(firstPrecision); ; precision *= 2 {
		low, high := t.bounds(k, precision)
		x, err := u.bits(precision) // u lies in [x, x+1)
		if err != nil {
			return false, err
		}
		if x.Cmp(low) < 0 {
			return true, nil
		}
		if x.Cmp(high) >= 0 {
			return false, nil
		}
	}
}
