package discrete

import (
	"fmt"
	"io"
	"math"
	"math/big"
)

// sigmaBits is the binary precision to which a standard deviation is rounded.
const sigmaBits = 16

// maxSigma keeps draws far within int64.
const maxSigma = 1 << 40

// Gaussian draws from the discrete Gaussian distribution of parameter sigma > 0:
// P(x) ∝ exp(-x²/2σ²), with sigma rounded up to a multiple of 2⁻¹⁶, so there is
// never less noise than asked for. Its zero-concentrated privacy is that of the
// continuous Gaussian (Canonne, Kamath, Steinke 2020, theorem 4). source is read
// as uniform bytes.
func Gaussian(source io.Reader, sigma float64) (int64, error) {
	if !(sigma > 0) || sigma > maxSigma {
		return 0, fmt.Errorf("discrete: gaussian sigma=%v: must be above 0 and at most 2^40", sigma)
	}
	s := &sampler{source: source}
	x := s.gaussian(big.NewInt(int64(math.Ceil(math.Ldexp(sigma, sigmaBits)))))
	if s.err != nil {
		return 0, s.err
	}
	return x.Int64(), nil
}

// gaussian is algorithm 3 for σ = units/2^sigmaBits: a Laplace draw y of scale
// t = ⌊σ⌋+1 is kept with probability exp(-(|y| - σ²/t)²/2σ²). Over the common
// denominator 2^2sigmaBits, with a = units², the exponent is
// (|y|·t·2^2sigmaBits - a)² / (2·a·t²·2^2sigmaBits).
func (s *sampler) gaussian(units *big.Int) *big.Int {
	t := new(big.Int).Rsh(units, sigmaBits)
	t.Add(t, one)
	a := new(big.Int).Mul(units, units)
	denominator := new(big.Int).Mul(a, t)
	denominator.Mul(denominator, t)
	denominator.Lsh(denominator, 2*sigmaBits+1)
	numerator := new(big.Int)
	for s.err == nil {
		y := s.laplace(t)
		numerator.Abs(y)
		numerator.Mul(numerator, t)
		numerator.Lsh(numerator, 2*sigmaBits)
		numerator.Sub(numerator, a)
		numerator.Mul(numerator, numerator)
		if s.bernoulliExp(numerator, denominator) {
			return y
		}
	}
	return new(big.Int)
}
