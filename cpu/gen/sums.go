//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chains is how many sums run side by side: one alone would wait for each
// addition.
const chains = 4

// dot is a float32 sum of products.
func dot(s set) {
	s.begin("dot", "(x, y []float32) float32", "is Σ xⱼyⱼ.")
	x, y, n := base("x"), base("y"), length("x")
	s.reduce(x, n, s.lanes, map[GPVirtual]int{x: 4, y: 4}, func(p part, at int, sum VecVirtual) {
		VFMADD231PS(p.load(Mem{Base: y, Disp: at * 4 * s.lanes}), p.load(Mem{Base: x, Disp: at * 4 * s.lanes}), sum)
	}, func(sum VecVirtual) {
		Store(s.fold32(sum, VADDPS), ReturnIndex(0))
	})
}

// sumSquares keeps its sum in float64.
func sumSquares(s set) {
	s.begin("sumSquares", "(x []float32) float64", "is Σ xⱼ² in float64.")
	x, n := base("x"), length("x")
	s.reduce(x, n, s.lanes/2, map[GPVirtual]int{x: 4}, func(p part, at int, sum VecVirtual) {
		v := p.load64(Mem{Base: x, Disp: at * 2 * s.lanes})
		VFMADD231PD(v, v, sum)
	}, func(sum VecVirtual) {
		Store(s.fold(sum, VADDPD), ReturnIndex(0))
	})
}

// reduce runs body over chains vectors at a time, then one by one.
func (s set) reduce(x, n GPVirtual, step int, pointers map[GPVirtual]int, body func(p part, at int, sum VecVirtual), finish func(VecVirtual)) {
	sums := make([]VecVirtual, chains)
	for i := range sums {
		sums[i] = s.zero()
	}
	Label("chains")
	CMPQ(n, U8(chains*step))
	JLT(LabelRef("rest"))
	for i, sum := range sums {
		body(part{set: s}, i, sum)
	}
	for _, p := range ordered(pointers) {
		ADDQ(I32(int32(chains*step*pointers[p])), p)
	}
	SUBQ(U8(chains*step), n)
	JMP(LabelRef("chains"))
	Label("rest")
	s.loop(n, step, pointers, func(p part) { body(p, 0, sums[0]) })
	add := VADDPD
	if step == s.lanes {
		add = VADDPS
	}
	add(sums[1], sums[0], sums[0])
	add(sums[3], sums[2], sums[2])
	add(sums[2], sums[0], sums[0])
	finish(sums[0])
	end()
}

// fold combines the parts of a vector in its lowest 64 bits, fold32 in its
// lowest 32.
func (s set) fold(v VecVirtual, combine func(...Op)) VecVirtual {
	if s.wide() {
		high := YMM()
		VEXTRACTF64X4(U8(1), v, high)
		combine(high, v.AsY(), v.AsY())
	}
	high := XMM()
	VEXTRACTF128(U8(1), v.AsY(), high)
	low := v.AsX().(VecVirtual)
	combine(high, low, low)
	turned := XMM()
	VPSHUFD(U8(0b1110), low, turned)
	combine(turned, low, low)
	return low
}

func (s set) fold32(v VecVirtual, combine func(...Op)) VecVirtual {
	low, turned := s.fold(v, combine), XMM()
	VPSHUFD(U8(0b01), low, turned)
	combine(turned, low, low)
	return low
}

// addScaled keeps column sums in float64 of products in float32.
func addScaled(s set) {
	s.begin("addScaled", "(sums []float64, x []float32, factor float32)",
		"adds factor·x, rounded to float32, to sums.")
	sums, x, n := base("sums"), base("x"), length("sums")
	factor := s.half()
	VBROADCASTSS(address("factor"), factor)
	s.loop(n, s.lanes/2, map[GPVirtual]int{sums: 8, x: 4}, func(p part) {
		v, wide := p.loadHalf(Mem{Base: x}), s.vector()
		VMULPS(factor, v, v)
		VCVTPS2PD(v, wide)
		VADDPD(p.loadDoubles(Mem{Base: sums}), wide, wide)
		p.storeDoubles(wide, Mem{Base: sums})
	})
	end()
}

// sumRows is addScaled of many rows, whose sums stay in registers.
func sumRows(s set) {
	s.begin("sumRows", "(sums []float64, src []float32, stride int, rows []int32, scale []float32)",
		"adds scale[row]·src[row·stride:], rounded to float32, to sums for the listed rows in order.")
	sums, src, stride, n := base("sums"), base("src"), integer("stride"), length("sums")
	step := s.lanes / 2
	columns := func(p part, vectors int) {
		list, left, scale := base("rows"), length("rows"), base("scale")
		totals := make([]VecVirtual, vectors)
		for i := range totals {
			totals[i] = p.loadDoubles(Mem{Base: sums, Disp: 8 * step * i})
		}
		loops++
		next, done := labelled("row", loops), labelled("rows", loops)
		Label(next)
		TESTQ(left, left)
		JZ(LabelRef(done))
		row, factor := GP64(), s.half()
		MOVLQSX(Mem{Base: list}, row)
		VBROADCASTSS(Mem{Base: scale, Index: row, Scale: 4}, factor)
		IMULQ(stride, row)
		for i, total := range totals {
			v, wide := p.loadHalf(Mem{Base: src, Index: row, Scale: 4, Disp: 4 * step * i}), s.vector()
			VMULPS(factor, v, v)
			VCVTPS2PD(v, wide)
			VADDPD(wide, total, total)
		}
		ADDQ(U8(4), list)
		DECQ(left)
		JMP(LabelRef(next))
		Label(done)
		for i, total := range totals {
			p.storeDoubles(total, Mem{Base: sums, Disp: 8 * step * i})
		}
	}
	s.halfBlocks(n, 8, sums, src, columns)
}

// halfBlocks runs body over vectors of 64-bit elements at wide, and as many of 32 bits
// at narrow, at a time, then one by one, and ends the kernel.
func (s set) halfBlocks(n GPVirtual, vectors int, wide, narrow GPVirtual, body func(p part, vectors int)) {
	step := s.lanes / 2
	Label("block")
	CMPQ(n, U8(vectors*step))
	JLT(LabelRef("rest"))
	body(part{set: s}, vectors)
	ADDQ(I32(int32(8*vectors*step)), wide)
	ADDQ(I32(int32(4*vectors*step)), narrow)
	SUBQ(U8(vectors*step), n)
	JMP(LabelRef("block"))
	Label("rest")
	s.loop(n, step, map[GPVirtual]int{wide: 8, narrow: 4}, func(p part) { body(p, 1) })
	end()
}

// loadHalf reads half a vector of float32.
func (p part) loadHalf(m Mem) VecVirtual {
	v := p.half()
	switch {
	case p.mask == nil:
		VMOVUPS(m, v)
	case p.wide():
		VMOVUPS_Z(m, p.mask, v)
	default:
		VMASKMOVPS(m, p.mask.(VecVirtual).AsX(), v)
	}
	return v
}
