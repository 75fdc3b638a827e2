package discrete

import (
	"fmt"
	"io"
	"math/big"
)

// Laplace draws from the discrete Laplace distribution of the given scale, an
// integer t ≥ 1: P(x) ∝ exp(-|x|/t). Added to a count of sensitivity 1 it gives
// (1/t)-differential privacy. source is read as uniform bytes.
func Laplace(source io.Reader, scale int64) (int64, error) {
	if scale < 1 {
		return 0, fmt.Errorf("discrete: laplace scale=%d: must be at least 1", scale)
	}
	s := &sampler{source: source}
	x := s.laplace(big.NewInt(scale))
	if s.err != nil {
		return 0, s.err
	}
	return x.Int64(), nil
}

// laplace is algorithm 2 for an integer scale t: |x| = u + t·v, where u is kept
// with probability exp(-u/t) and v is geometric with ratio 1/e.
func (s *sampler) laplace(t *big.Int) *big.Int {
	for s.err == nil {
		u := s.below(t)
		if !s.bernoulliExp(u, t) {
			continue
		}
		x := u
		for s.err == nil && s.bernoulliExp(one, one) {
			x.Add(x, t)
		}
		negative := s.below(big.NewInt(2)).Sign() == 0
		if negative && x.Sign() == 0 {
			continue // zero would count twice
		}
		if negative {
			x.Neg(x)
		}
		return x
	}
	return new(big.Int)
}
