//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// noise makes the draws of device.RoundedNoise: two vectors of ChaCha20 blocks
// at a time, whose rows hold a pair of 64-bit words for each pair of draws.
func noise(s set) {
	s.begin("noise", "(dst []uint64, state *[12]uint32, sigma float64) (open uint64)",
		"fills dst, whose length is a multiple of four vectors of float32, with draws of\n"+
			"round(sigma·Z), or 1<<63 where float64 does not decide the rounding; then open\n"+
			"is not 0. state is the key, the first block and the nonce (stream, step).")
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
	open := s.zero()

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
		cos, sin := s.roundedPair(s.wideUniform(u), s.wideUniform(v), open)
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
	any := GP64()
	MOVQ(s.fold(open, VORPD), any)
	Store(any, ReturnIndex(0))
	end()
}

// roundedPair is round(sigma·r·cos 2πv) and round(sigma·r·sin 2πv), r = √(-2 ln u), as
// integers; open gathers those left undecided.
func (s set) roundedPair(u, v, open VecVirtual) (cos, sin VecVirtual) {
	radius, within, sigma := s.log64(u), s.vector(), s.spread64("sigma")
	VMULPD(s.f64(-2), radius, radius)
	VSQRTPD(radius, radius)
	VMULPD(radius, u, u)
	VMOVUPD(s.f64(0x1p-51), within)
	VDIVPD(u, within, within)
	VFMADD231PD(s.f64(0x1p-48), radius, within)
	VMULPD(sigma, within, within)
	sin, cos = s.sincosTurn64(v)
	for _, z := range []VecVirtual{sin, cos} {
		VMULPD(radius, z, z)
		VMULPD(sigma, z, z)
		s.roundDecided(z, within, open)
	}
	return cos, sin
}

// roundDecided rounds x to an integer of 64 bits if x is known within less than its
// distance from an integer and a half. Below 2^51 the sum with 3·2^51 rounds it; what
// is larger is never decided.
func (s set) roundDecided(x, within, open VecVirtual) {
	shifted, distance := s.vector(), s.vector()
	VADDPD(s.f64(3<<51), x, shifted)
	VSUBPD(s.f64(3<<51), shifted, distance)
	VSUBPD(distance, x, distance)
	VANDPD(s.quad(1<<63-1), distance, distance)
	VADDPD(within, distance, distance)
	VPSUBQ(s.f64(3<<51), shifted, x)
	mark := s.loaded(s.quad(1 << 63))
	if s.wide() {
		k := K()
		VCMPPD(U8(notLess), s.f64(0.5), distance, k)
		VMOVAPD(mark, k, x)
		VORPD(mark, open, k, open)
		return
	}
	VCMPPD(U8(notLess), s.f64(0.5), distance, distance)
	VBLENDVPD(distance, mark, x, x)
	VORPD(distance, open, open)
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

// noised turns sums into gradients, and zeroes them.
func noised(s set) {
	s.begin("noised", "(gradient []float32, private, public, noise []uint64, perPrivate, perPublic float64)",
		"computes gradient = (private + noise)·perPrivate + public·perPublic, and zeroes\n"+
			"private and public.")
	gradient, private, public, noise, n := base("gradient"), base("private"), base("public"), base("noise"), length("gradient")
	perPrivate, perPublic, zero := s.spread64("perPrivate"), s.spread64("perPublic"), s.zero()
	s.loop(n, s.lanes/2, map[GPVirtual]int{gradient: 4, private: 8, public: 8, noise: 8}, func(p part) {
		sum := p.loadDoubles(Mem{Base: private})
		VPADDQ(p.loadDoubles(Mem{Base: noise}), sum, sum)
		x, open := s.toFloat64(sum), s.toFloat64(p.loadDoubles(Mem{Base: public}))
		VMULPD(perPrivate, x, x)
		VFMADD231PD(perPublic, open, x)
		p.store32(x, Mem{Base: gradient})
		p.storeDoubles(zero, Mem{Base: private})
		p.storeDoubles(zero, Mem{Base: public})
	})
	end()
}
