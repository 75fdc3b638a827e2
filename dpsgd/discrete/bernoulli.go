package discrete

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
)

// sampler draws from a source of uniform bytes and keeps its first error, after
// which every draw is 0 or false.
type sampler struct {
	source io.Reader
	err    error
}

// below is uniform on 0 … n-1.
func (s *sampler) below(n *big.Int) *big.Int {
	if s.err != nil {
		return new(big.Int)
	}
	x, err := rand.Int(s.source, n)
	if err != nil {
		s.err = fmt.Errorf("discrete: read randomness: %w", err)
		return new(big.Int)
	}
	return x
}

// bernoulli is true with probability numerator/denominator, 0 ≤ numerator ≤ denominator.
func (s *sampler) bernoulli(numerator, denominator *big.Int) bool {
	return s.below(denominator).Cmp(numerator) < 0
}

var one = big.NewInt(1)

// bernoulliExp is true with probability exp(-numerator/denominator), for fractions in
// [0, 1] (algorithm 1): with γ the fraction, the first K at which a Bernoulli(γ/K) draw
// fails is odd with probability e^-γ.
func (s *sampler) bernoulliExp(numerator, denominator *big.Int) bool {
	scaled := new(big.Int).Set(denominator)
	odd := true
	for s.err == nil && s.bernoulli(numerator, scaled) {
		odd = !odd
		scaled.Add(scaled, denominator)
	}
	return odd
}
