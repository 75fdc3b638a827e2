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

// boxMuller turns pairs of uniforms into pairs of normals, two vectors at a time.
func boxMuller(s set) {
	s.begin("boxMuller", "(x []float32)",
		"replaces pairs (u, v) of uniforms, a multiple of two vectors long, by\n"+
			"√(-2 ln u)·cos 2πv and √(-2 ln u)·sin 2πv; errors below 1e-6.")
	x, n := base("x"), length("x")
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	a, b, u, v := s.vector(), s.vector(), s.vector(), s.vector()
	VMOVUPS(Mem{Base: x}, a)
	VMOVUPS(Mem{Base: x, Disp: s.bytes()}, b)
	VSHUFPS(U8(0b10001000), b, a, u)
	VSHUFPS(U8(0b11011101), b, a, v)
	radius := s.negLog(u)
	VADDPS(radius, radius, radius)
	VSQRTPS(radius, radius)
	sin, cos := s.sincosTurn(v)
	VMULPS(radius, sin, sin)
	VMULPS(radius, cos, cos)
	VUNPCKLPS(sin, cos, a)
	VUNPCKHPS(sin, cos, b)
	VMOVUPS(a, Mem{Base: x})
	VMOVUPS(b, Mem{Base: x, Disp: s.bytes()})
	ADDQ(I32(int32(2*s.bytes())), x)
	SUBQ(U8(2*s.lanes), n)
	JMP(LabelRef("loop"))
	Label("done")
	end()
}

// sincosTurn is sin 2πv and cos 2πv for v in [0, 1], within 1.5e-7 (Cephes' sinf
// and cosf).
func (s set) sincosTurn(v VecVirtual) (sin, cos VecVirtual) {
	turns, r, square := s.vector(), s.vector(), s.vector()
	VMOVUPS(s.f32(3<<22), turns) // the low bits of turns + 3<<22 are the quarter
	VFMADD231PS(s.f32(4), v, turns)
	VSUBPS(s.f32(3<<22), turns, r)
	VFNMADD132PS(s.f32(0.25), v, r)
	VMULPS(s.f32(2*math.Pi), r, r)
	VMULPS(r, r, square)
	odd, even := s.horner(square, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1), s.horner(square, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
	VMULPS(square, odd, odd)
	VFMADD213PS(r, r, odd)
	VFMADD213PS(s.f32(-0.5), square, even)
	VFMADD213PS(s.f32(1), square, even)
	swap, sign := s.vector(), s.vector()
	VPSLLD(U8(31), turns, swap)
	sin, cos = s.choose(swap, odd, even), s.choose(swap, even, odd)
	VPSLLD(U8(30), turns, sign)
	VANDPS(s.word(1<<31), sign, sign)
	VXORPS(sign, sin, sin)
	VPADDD(s.word(1), turns, turns)
	VPSLLD(U8(30), turns, turns)
	VANDPS(s.word(1<<31), turns, turns)
	VXORPS(turns, cos, cos)
	return sin, cos
}
