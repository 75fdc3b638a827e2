//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const philoxRounds = 10

// uniform is Philox4x32-10 with each word in a lane of 64 bits, so that one
// multiplication gives both halves of a product.
func uniform(s set) {
	s.begin("uniform", "(dst []float32, seed uint64, block, stream uint32, step uint64)",
		"fills dst, whose length is a multiple of two vectors, with the uniforms of\n"+
			"device.Draw from word 4·block on.")
	dst, n := base("dst"), length("dst")
	keys := AllocLocal(philoxRounds * 16)
	low, high := GP32(), GP32()
	s.halves("seed", low, high)
	for i := range philoxRounds {
		MOVL(low, keys.Offset(16*i))
		MOVL(high, keys.Offset(16*i+8))
		ADDL(U32(0x9E3779B9), low)
		ADDL(U32(0xBB67AE85), high)
	}
	counter, stream, step0, step1 := s.vector(), s.vector(), s.vector(), s.vector()
	s.spreadWord(Load(Param("block"), GP32()), counter)
	VPADDQ(s.blockOrder(), counter, counter)
	s.spreadWord(Load(Param("stream"), GP32()), stream)
	s.halves("step", low, high)
	s.spreadWord(low, step0)
	s.spreadWord(high, step1)
	first, second := s.loaded(s.quad(0xD2511F53)), s.loaded(s.quad(0xCD9E8D57))

	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	c := [4]VecVirtual{counter, stream, step0, step1}
	for i := range philoxRounds {
		p, q := s.vector(), s.vector()
		VPMULUDQ(first, c[0], p)
		VPMULUDQ(second, c[2], q)
		c = [4]VecVirtual{s.mixed(q, c[1], keys.Offset(16*i)), q, s.mixed(p, c[3], keys.Offset(16*i+8)), p}
	}
	// Two words of 32 bits a lane, then the two pairs of each block side by side.
	left, right := s.paired(c[0], c[1]), s.paired(c[2], c[3])
	for i, unpack := range []func(...Op){VPUNPCKLQDQ, VPUNPCKHQDQ} {
		words := s.vector()
		unpack(right, left, words)
		VPSRLD(U8(9), words, words)
		VCVTDQ2PS(words, words)
		VADDPS(s.f32(0.5), words, words)
		VMULPS(s.f32(1.0/(1<<23)), words, words)
		VMOVUPS(words, Mem{Base: dst, Disp: i * s.bytes()})
	}
	VPADDQ(s.quad(uint64(s.lanes/2)), counter, counter)
	ADDQ(I32(int32(2*s.bytes())), dst)
	SUBQ(U8(2*s.lanes), n)
	JMP(LabelRef("loop"))
	Label("done")
	end()
}

// halves loads the words of a uint64 argument.
func (s set) halves(name string, low, high GPVirtual) {
	whole := integer(name)
	MOVL(whole.As32(), low)
	SHRQ(U8(32), whole)
	MOVL(whole.As32(), high)
}

// spreadWord fills each 64-bit lane with one 32-bit word.
func (s set) spreadWord(word Register, v VecVirtual) {
	x := XMM()
	VMOVD(word, x)
	VPBROADCASTQ(x, v)
}

// blockOrder numbers the lanes so that unpacking puts the blocks in order.
func (s set) blockOrder() Mem {
	half := s.lanes / 4
	var order []Constant
	for i := range half {
		order = append(order, U64(uint64(i)), U64(uint64(half+i)))
	}
	return constant("blockOrder", 8, order...)
}

// mixed is the upper word of product, xor word, xor key.
func (s set) mixed(product, word VecVirtual, key Mem) VecVirtual {
	v := s.vector()
	VPSRLQ(U8(32), product, v)
	if s.wide() {
		VPTERNLOGQ_BCST(U8(0x96), key, word, v)
		return v
	}
	k := s.vector()
	VPBROADCASTQ(key, k)
	VPXOR(word, v, v)
	VPXOR(k, v, v)
	return v
}

// paired is low in the lower and high in the upper word of each lane.
func (s set) paired(low, high VecVirtual) VecVirtual {
	v := s.vector()
	VPSLLQ(U8(32), high, v)
	if s.wide() {
		VPTERNLOGQ(U8(0xF8), s.quad(0xffffffff), low, v) // v or (low and mask)
		return v
	}
	VPBLENDD(U8(0x55), low, v, v)
	return v
}

// chachaRounds is 10 double rounds.
const chachaRounds = 10

// chacha leaves the rows of the state of one block in each 128 bits: words 0-3,
// 4-7, 8-11 and 12-15.
func (s set) chacha(initial [4]VecVirtual) [4]VecVirtual {
	var r [4]VecVirtual
	for i := range r {
		r[i] = s.vector()
		VMOVUPS(initial[i], r[i])
	}
	for round := range 2 * chachaRounds {
		s.quarter(r, 0, 1, 3, 16)
		s.quarter(r, 2, 3, 1, 12)
		s.quarter(r, 0, 1, 3, 8)
		s.quarter(r, 2, 3, 1, 7)
		// Turn the columns into diagonals, and back.
		shift := []uint8{0b00111001, 0b01001110, 0b10010011}
		if round%2 == 1 {
			shift[0], shift[2] = shift[2], shift[0]
		}
		for i, by := range shift {
			VPSHUFD(U8(by), r[i+1], r[i+1])
		}
	}
	for i := range r {
		VPADDD(initial[i], r[i], r[i])
	}
	return r
}

// quarter is a += b; d = (d ^ a) <<< by.
func (s set) quarter(r [4]VecVirtual, a, b, d int, by uint8) {
	VPADDD(r[b], r[a], r[a])
	VXORPS(r[a], r[d], r[d])
	switch {
	case s.wide():
		VPROLD(U8(by), r[d], r[d])
	case by%8 == 0:
		VPSHUFB(s.rotation(by), r[d], r[d])
	default:
		t := s.vector()
		VPSLLD(U8(by), r[d], t)
		VPSRLD(U8(32-by), r[d], r[d])
		VPOR(t, r[d], r[d])
	}
}

// rotation moves bytes so that each word turns left by 8 or 16 bits.
func (s set) rotation(by uint8) Mem {
	name, order := "rotate8", uint32(0x02010003)
	if by == 16 {
		name, order = "rotate16", 0x01000302
	}
	var words []Constant
	for i := range s.lanes {
		words = append(words, U32(order+uint32(i%4)*0x04040404))
	}
	return constant(name, 4, words...)
}
