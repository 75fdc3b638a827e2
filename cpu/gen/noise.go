//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// noise makes the normals of device.NoiseBlock: two vectors of ChaCha20 blocks
// at a time, whose rows hold a pair of 64-bit words for each pair of normals.
func noise(s set) {
	s.begin("noise", "(dst []float64, state *[12]uint32)",
		"fills dst, whose length is a multiple of four vectors of float32, with\n"+
			"normals; state is the key, the first block and the nonce (stream, step).")
	dst, n, state := base("dst"), length("dst"), integer("state")
	perVector := s.lanes / 4              // blocks
	rows := AllocLocal(4 * 2 * s.bytes()) // the states of both vectors
	initial := [4]VecVirtual{s.vector(), s.vector(), s.vector(), s.vector()}
	s.spreadQuad(s.chachaWords(), initial[0])
	for i := range 3 {
		s.spreadQuad(Mem{Base: state, Disp: 16 * i}, initial[i+1])
	}
	VPADDD(s.counters("counters", func(i int) uint32 { return uint32(i) }), initial[3], initial[3])
	step := s.counters("counterStep", func(int) uint32 { return uint32(perVector) })

	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	for half := range 2 {
		for i, row := range s.chacha(initial) {
			VMOVUPS(row, rows.Offset((4*half+i)*s.bytes()))
		}
		VPADDD(step, initial[3], initial[3])
	}
	for i := range 4 {
		u, v, low := s.vector(), s.vector(), s.vector()
		VMOVUPS(rows.Offset(i*s.bytes()), low)
		VPUNPCKLQDQ(rows.Offset((4+i)*s.bytes()), low, u)
		VPUNPCKHQDQ(rows.Offset((4+i)*s.bytes()), low, v)
		cos, sin := s.boxMuller64(s.wideUniform(u), s.wideUniform(v))
		for half, unpack := range []func(...Op){VUNPCKLPD, VUNPCKHPD} {
			pair := s.vector()
			unpack(sin, cos, pair)
			for b := range perVector {
				to := Mem{Base: dst, Disp: 64*(half*perVector+b) + 16*i}
				switch {
				case b == 0:
					VMOVUPD(pair.AsX(), to)
				case s.wide():
					VEXTRACTF64X2(U8(b), pair, to)
				default:
					VEXTRACTF128(U8(b), pair, to)
				}
			}
		}
	}
	ADDQ(I32(int32(128*perVector)), dst)
	SUBQ(U8(16*perVector), n)
	JMP(LabelRef("loop"))
	Label("done")
	end()
}

// spreadQuad repeats 128 bits.
func (s set) spreadQuad(m Mem, v VecVirtual) {
	if s.wide() {
		VBROADCASTI32X4(m, v)
	} else {
		VBROADCASTI128(m, v)
	}
}

func (s set) chachaWords() Mem {
	return constant("chachaWords", 4, U32(0x61707865), U32(0x3320646e), U32(0x79622d32), U32(0x6b206574))
}

// counters has f(i) in the first word of the i-th 128 bits.
func (s set) counters(name string, f func(i int) uint32) Mem {
	var words []Constant
	for i := range s.lanes / 4 {
		words = append(words, U32(f(i)), U32(0), U32(0), U32(0))
	}
	return constant(name, 4, words...)
}

// wideUniform maps the top 53 of 64 bits to (0, 1]: (bits + ½)·2⁻⁵³.
func (s set) wideUniform(bits VecVirtual) VecVirtual {
	v := s.vector()
	VPSRLQ(U8(11), bits, v)
	if s.wide() {
		VCVTUQQ2PD(v, v)
	} else {
		// Both halves as the low bits of floats of known exponent; no rounding.
		top := s.vector()
		VPSRLQ(U8(32), v, top)
		VORPD(s.f64(0x1p84), top, top)
		VSUBPD(s.f64(0x1p84+0x1p52), top, top)
		VPBLENDD(U8(0xAA), s.f64(0x1p52), v, v)
		VADDPD(top, v, v)
	}
	VADDPD(s.f64(0.5), v, v)
	VMULPD(s.f64(1.0/(1<<53)), v, v)
	return v
}

// boxMuller64 is √(-2 ln u)·cos 2πv and √(-2 ln u)·sin 2πv, within 1e-14.
func (s set) boxMuller64(u, v VecVirtual) (cos, sin VecVirtual) {
	radius := s.log64(u)
	VMULPD(s.f64(-2), radius, radius)
	VSQRTPD(radius, radius)
	sin, cos = s.sincosTurn64(v)
	VMULPD(radius, sin, sin)
	VMULPD(radius, cos, cos)
	return cos, sin
}

func (s set) horner64(x VecVirtual, coefficients ...float64) VecVirtual {
	v := s.loaded(s.f64(coefficients[0]))
	for _, c := range coefficients[1:] {
		VFMADD213PD(s.f64(c), x, v)
	}
	return v
}

// log64 is ln x for x in (0, 1], the algorithm of FreeBSD's e_log.c.
func (s set) log64(x VecVirtual) VecVirtual {
	// x = 2ᵏ(1+f) with 1+f in [√½, √2).
	exponent, k, f := s.vector(), s.vector(), s.vector()
	const root, one = 0x3fe6a09e667f3bcd, 0x3ff0000000000000
	VPSUBQ(s.quad(root), x, exponent)
	VPADDQ(s.quad(one), exponent, exponent)
	VPSRLQ(U8(52), exponent, exponent) // k + 1023
	VORPD(s.f64(0x1p52), exponent, k)
	VSUBPD(s.f64(0x1p52+1023), k, k)
	VPSUBQ(s.quad(1023), exponent, exponent)
	VPSLLQ(U8(52), exponent, exponent)
	VPSUBQ(exponent, x, f)
	VSUBPD(s.f64(1), f, f)

	ratio, z, w := s.vector(), s.vector(), s.vector()
	VADDPD(s.f64(2), f, ratio)
	VDIVPD(ratio, f, ratio)
	VMULPD(ratio, ratio, z)
	VMULPD(z, z, w)
	even := s.horner64(w, 1.531383769920937332e-1, 2.222219843214978396e-1, 3.999999999940941908e-1)
	odd := s.horner64(w, 1.479819860511658591e-1, 1.818357216161805012e-1, 2.857142874366239149e-1, 6.666666666666735130e-1)
	VMULPD(w, even, even)
	VFMADD231PD(z, odd, even) // R
	square := s.vector()
	VMULPD(f, f, square)
	VMULPD(s.f64(0.5), square, square)
	VADDPD(square, even, even)
	VMULPD(ratio, even, even)
	VFMADD231PD(s.f64(1.90821492927058770002e-10), k, even)
	VSUBPD(even, square, square)
	VSUBPD(f, square, square)
	VFMSUB132PD(s.f64(6.93147180369123816490e-1), square, k)
	return k
}

// sincosTurn64 is sin 2πv and cos 2πv for v in (0, 1], the polynomials of
// FreeBSD's k_sin.c and k_cos.c.
func (s set) sincosTurn64(v VecVirtual) (sin, cos VecVirtual) {
	turns, r, square := s.vector(), s.vector(), s.vector()
	VMOVUPD(s.f64(3<<51), turns)
	VFMADD231PD(s.f64(4), v, turns)
	VSUBPD(s.f64(3<<51), turns, r)
	VFNMADD132PD(s.f64(0.25), v, r)
	VMULPD(s.f64(2*math.Pi), r, r)
	VMULPD(r, r, square)
	odd := s.horner64(square, 1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6, -1.98412698298579493134e-4, 8.33333333332248946124e-3, -1.66666666666666324348e-1)
	even := s.horner64(square, -1.13596475577881948265e-11, 2.08757232129817482790e-9, -2.75573143513906633035e-7, 2.48015872894767294178e-5, -1.38888888888741095749e-3, 4.16666666666666019037e-2)
	VMULPD(square, odd, odd)
	VFMADD213PD(r, r, odd)
	VFMADD213PD(s.f64(-0.5), square, even)
	VFMADD213PD(s.f64(1), square, even)
	swap, sign := s.vector(), s.vector()
	VPSLLQ(U8(63), turns, swap)
	sin, cos = s.choose64(swap, odd, even), s.choose64(swap, even, odd)
	VPSLLQ(U8(62), turns, sign)
	VANDPD(s.quad(1<<63), sign, sign)
	VXORPD(sign, sin, sin)
	VPADDQ(s.quad(1), turns, turns)
	VPSLLQ(U8(62), turns, turns)
	VANDPD(s.quad(1<<63), turns, turns)
	VXORPD(turns, cos, cos)
	return sin, cos
}

// noised turns sums into gradients, and zeroes the public half.
func noised(s set) {
	s.begin("noised", "(private, public []float32, normals []float64, std, perGrid, grid, perPrivate, perPublic float64)",
		"replaces private by its noised sum, on the grid, times perPrivate, plus\n"+
			"public·perPublic, and zeroes public; perGrid is 1/grid.")
	private, public, normals, n := base("private"), base("public"), base("normals"), length("private")
	std, perGrid, grid := s.spread64("std"), s.spread64("perGrid"), s.spread64("grid")
	perPrivate, perPublic := s.spread64("perPrivate"), s.spread64("perPublic")
	s.loop(n, s.lanes/2, map[GPVirtual]int{private: 4, public: 4, normals: 8}, func(p part) {
		x, open := p.load64(Mem{Base: private}), p.load64(Mem{Base: public})
		VFMADD231PD(p.loadDoubles(Mem{Base: normals}), std, x)
		VMULPD(perGrid, x, x)
		if s.wide() {
			VRNDSCALEPD(U8(8), x, x)
		} else {
			VROUNDPD(U8(8), x, x)
		}
		VMULPD(grid, x, x)
		VMULPD(perPrivate, x, x)
		VFMADD231PD(perPublic, open, x)
		p.store32(x, Mem{Base: private})
		zero := s.half()
		VXORPS(zero, zero, zero)
		p.storeHalf(zero, Mem{Base: public})
	})
	end()
}
