//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// horner is the polynomial with the given coefficients, highest first.
func (s set) horner(x VecVirtual, coefficients ...float32) VecVirtual {
	v := s.loaded(s.f32(coefficients[0]))
	for _, c := range coefficients[1:] {
		VFMADD213PS(s.f32(c), x, v)
	}
	return v
}

// negLog is -ln x for positive normal x, within 2 units in the last place
// (Cephes' logf).
func (s set) negLog(x VecVirtual) VecVirtual {
	exponent, f, e := s.vector(), s.vector(), s.vector()
	VPSUBD(s.word(0x3f3504f3), x, exponent)
	VPSRAD(U8(23), exponent, exponent)
	VCVTDQ2PS(exponent, e)
	VPSLLD(U8(23), exponent, exponent)
	VPSUBD(exponent, x, f)
	VSUBPS(s.f32(1), f, f)
	square := s.vector()
	VMULPS(f, f, square)
	series := s.horner(f, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	VMULPS(square, f, x)
	VMULPS(x, series, series)
	VFMADD231PS(s.f32(-2.12194440e-4), e, series)
	VFMADD231PS(s.f32(-0.5), square, series)
	VADDPS(f, series, series)
	VFMADD231PS(s.f32(0.693359375), e, series)
	v := s.vector()
	VXORPS(s.word(1<<31), series, v)
	return v
}

func gumbel(s set) {
	s.begin("gumbel", "(u, logits []float32)", "replaces u in (0, 1) by logits - ln(-ln u).")
	u, logits, n := base("u"), base("logits"), length("u")
	s.loop(n, s.lanes, map[GPVirtual]int{u: 4, logits: 4}, func(p part) {
		v := s.negLog(s.negLog(p.load(Mem{Base: u})))
		VADDPS(p.load(Mem{Base: logits}), v, v)
		p.store(v, Mem{Base: u})
	})
	end()
}

// exp is for x <= 0, within 2 units in the last place (Cephes' expf).
func exp(s set) {
	s.begin("exp", "(x []float32)", "replaces x <= 0 by eˣ, by 0 where that is below the normal numbers.")
	x, n := base("x"), length("x")
	s.loop(n, s.lanes, map[GPVirtual]int{x: 4}, func(p part) {
		v := p.load(Mem{Base: x})
		turns, r := s.vector(), s.vector()
		VMOVUPS(s.f32(3<<22), turns)
		VFMADD231PS(s.f32(math.Log2E), v, turns)
		VSUBPS(s.f32(3<<22), turns, turns)
		VMOVUPS(v, r)
		VFMADD231PS(s.f32(-0.693359375), turns, r)
		VFMADD231PS(s.f32(2.12194440e-4), turns, r)
		y, square := s.horner(r, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1), s.vector()
		VMULPS(r, r, square)
		VFMADD213PS(r, square, y)
		VADDPS(s.f32(1), y, y)
		VCVTPS2DQ(turns, turns)
		VPADDD(s.word(127), turns, turns)
		VPSLLD(U8(23), turns, turns)
		VMULPS(turns, y, y)
		s.zeroUnless(y, v, notLess, s.f32(-87))
		p.store(y, Mem{Base: x})
	})
	end()
}
