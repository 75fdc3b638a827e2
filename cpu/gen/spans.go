//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// again restarts at the beginning of a slice.
func again(name string) (GPVirtual, GPVirtual) { return base(name), length(name) }

// descend finds the maximum and takes it off, so that exponentials do not
// overflow.
func descend(s set) {
	s.begin("descend", "(x []float32, scale float32) int",
		"replaces x by (x - max x)·scale and returns the first maximum, 0 if all are NaN.")
	lowest := s.f32(float32(math.Inf(-1)))
	top := s.loaded(lowest)
	x, n := again("x")
	s.loop(n, s.lanes, map[GPVirtual]int{x: 4}, func(p part) {
		v := s.loaded(lowest)
		switch {
		case p.mask == nil:
			VMOVUPS(Mem{Base: x}, v)
		case s.wide():
			VMOVUPS(Mem{Base: x}, p.mask, v)
		default:
			VBLENDVPS(p.mask, p.load(Mem{Base: x}), v, v)
		}
		VMAXPS(top, v, top) // the last source where v is NaN
	})
	VBROADCASTSS(s.fold32(top, VMAXPS), top)

	// The first lane that equals the maximum.
	at, first := GP64(), GP64()
	XORQ(at, at)
	XORQ(first, first)
	x, n = again("x")
	Label("search")
	CMPQ(at, n)
	JGE(LabelRef("found"))
	left := GP64()
	MOVQ(n, left)
	SUBQ(at, left)
	CMPQ(left, U8(s.lanes))
	JLT(LabelRef("end"))
	s.equal(part{set: s}, x, top, at, first)
	ADDQ(U8(s.lanes), at)
	ADDQ(I32(int32(s.bytes())), x)
	JMP(LabelRef("search"))
	Label("end")
	s.equal(part{set: s, mask: s.mask(left, s.lanes)}, x, top, at, first)
	Label("found")
	Store(first, ReturnIndex(0))

	scale := s.spread("scale")
	x, n = again("x")
	s.loop(n, s.lanes, map[GPVirtual]int{x: 4}, func(p part) {
		v := p.load(Mem{Base: x})
		VSUBPS(top, v, v)
		VMULPS(scale, v, v)
		p.store(v, Mem{Base: x})
	})
	end()
}

// equal sets first and leaves the search if a lane equals top. Masked lanes read
// as 0, but come after all others.
func (s set) equal(p part, x GPVirtual, top VecVirtual, at, first GPVirtual) {
	v, word := p.load(Mem{Base: x}), GP32()
	if s.wide() {
		k := K()
		VCMPPS(U8(0), v, top, k)
		KMOVW(k, word)
	} else {
		VCMPPS(U8(0), v, top, v)
		VMOVMSKPS(v, word)
	}
	loops++
	next := labelled("differ", loops)
	TESTL(word, word)
	JZ(LabelRef(next))
	BSFL(word, word)
	MOVL(word, first.As32())
	ADDQ(at, first)
	JMP(LabelRef("found"))
	Label(next)
}

// share makes exponentials a distribution.
func share(s set) {
	s.begin("share", "(dst, e []float32)", "writes e/Σe to dst.")
	sum := s.zero()
	e, n := again("e")
	s.loop(n, s.lanes, map[GPVirtual]int{e: 4}, func(p part) { VADDPS(p.load(Mem{Base: e}), sum, sum) })
	low, one := s.fold32(sum, VADDPS), XMM()
	VMOVSS(constant("one", 4, F32(1)), one)
	VDIVSS(low, one, one)
	VBROADCASTSS(one, sum)
	e, n = again("e")
	dst := base("dst")
	s.loop(n, s.lanes, map[GPVirtual]int{dst: 4, e: 4}, func(p part) {
		v := p.load(Mem{Base: e})
		VMULPS(sum, v, v)
		p.store(v, Mem{Base: dst})
	})
	end()
}

// shareBack is the way back through a softmax.
func shareBack(s set) {
	s.begin("shareBack", "(dst, g, soft []float32, scale float32)", "writes scale·soft ⊙ (g - ⟨g, soft⟩) to dst.")
	inner := s.zero()
	g, n := again("g")
	soft := base("soft")
	s.loop(n, s.lanes, map[GPVirtual]int{g: 4, soft: 4}, func(p part) {
		VFMADD231PS(p.load(Mem{Base: g}), p.load(Mem{Base: soft}), inner)
	})
	VBROADCASTSS(s.fold32(inner, VADDPS), inner)
	scale := s.spread("scale")
	g, n = again("g")
	soft, dst := base("soft"), base("dst")
	s.loop(n, s.lanes, map[GPVirtual]int{dst: 4, g: 4, soft: 4}, func(p part) {
		v, weight := p.load(Mem{Base: g}), p.load(Mem{Base: soft})
		VSUBPS(inner, v, v)
		VMULPS(scale, weight, weight)
		VMULPS(weight, v, v)
		p.store(v, Mem{Base: dst})
	})
	end()
}
