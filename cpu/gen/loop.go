//go:build ignore

package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// part is a place in a loop: a whole vector, or the tail under a mask. No
// masked lane is read or written.
type part struct {
	set
	mask Op // nil: whole
}

// loop runs body over n elements in steps of a vector, the tail under a mask.
// pointers move by the sizes of their elements.
func (s set) loop(n GPVirtual, step int, pointers map[GPVirtual]int, body func(p part)) {
	loops++
	next, tail, done := labelled("loop", loops), labelled("tail", loops), labelled("done", loops)
	Label(next)
	CMPQ(n, U8(step))
	JLT(LabelRef(tail))
	body(part{set: s})
	for _, p := range ordered(pointers) {
		ADDQ(I32(int32(step*pointers[p])), p)
	}
	SUBQ(U8(step), n)
	JMP(LabelRef(next))
	Label(tail)
	TESTQ(n, n)
	JZ(LabelRef(done))
	body(part{set: s, mask: s.mask(n, step)})
	Label(done)
}

// pause is for loops that wait for another thread.
func pause(s set) {
	s.begin("pause", "()", "leaves the core to others for a moment.")
	PAUSE()
	RET()
}

// loops counts the loops, so that each has labels of its own.
var loops int

func labelled(name string, i int) string { return name + strconv.Itoa(i) }

func ordered(pointers map[GPVirtual]int) []GPVirtual {
	var list []GPVirtual
	for p := range pointers {
		at := len(list)
		for at > 0 && list[at-1].ID() > p.ID() {
			at--
		}
		list = append(list[:at], append([]GPVirtual{p}, list[at:]...)...)
	}
	return list
}

// mask selects the first n < 16 lanes. In AVX2 it covers a vector of step lanes
// of 32 bits: the low half only if step is 4.
func (s set) mask(n GPVirtual, step int) Op {
	if s.wide() {
		ones, k := GP32(), K()
		MOVL(U32(0xffff), ones)
		BZHIL(n.As32(), ones, ones)
		KMOVW(ones, k)
		return k
	}
	table, at := s.maskTable(), GP64()
	LEAQ(table, at)
	left := GP64()
	MOVQ(n, left)
	NEGQ(left)
	m := s.vector()
	VMOVUPS(Mem{Base: at, Index: left, Scale: 4, Disp: 64}, m)
	return m
}

// maskTable is sixteen words of ones and sixteen of zeros.
func (s set) maskTable() Mem {
	var words []Constant
	for i := range 32 {
		w := U32(0)
		if i < 16 {
			w = U32(0xffffffff)
		}
		words = append(words, w)
	}
	return constant("maskTable", 4, words...)
}

// load reads a vector of float32, or zeros in masked lanes.
func (p part) load(m Mem) VecVirtual {
	v := p.vector()
	switch {
	case p.mask == nil:
		VMOVUPS(m, v)
	case p.wide():
		VMOVUPS_Z(m, p.mask, v)
	default:
		VMASKMOVPS(m, p.mask, v)
	}
	return v
}

func (p part) store(v VecVirtual, m Mem) {
	switch {
	case p.mask == nil:
		VMOVUPS(v, m)
	case p.wide():
		VMOVUPS(v, p.mask, m)
	default:
		VMASKMOVPS(v, p.mask, m)
	}
}

// load64 reads half a vector of float32 as float64.
func (p part) load64(m Mem) VecVirtual {
	v := p.vector()
	switch {
	case p.mask == nil:
		VCVTPS2PD(m, v)
	case p.wide():
		VCVTPS2PD_Z(m, p.mask, v)
	default:
		h := XMM()
		VMASKMOVPS(m, p.mask.(VecVirtual).AsX(), h)
		VCVTPS2PD(h, v)
	}
	return v
}

// store32 writes a vector of float64 as float32.
func (p part) store32(v VecVirtual, m Mem) {
	h := p.half()
	if p.wide() {
		VCVTPD2PS(v, h)
	} else {
		VCVTPD2PSY(v, h)
	}
	p.storeHalf(h, m)
}

func (p part) storeHalf(h VecVirtual, m Mem) {
	switch {
	case p.mask == nil:
		VMOVUPS(h, m)
	case p.wide():
		VMOVUPS(h, p.mask, m)
	default:
		VMASKMOVPS(h, p.mask.(VecVirtual).AsX(), m)
	}
}

// loadDoubles and storeDoubles move vectors of float64. In AVX2 the mask is
// widened to 64-bit lanes.
func (p part) loadDoubles(m Mem) VecVirtual {
	v := p.vector()
	switch {
	case p.mask == nil:
		VMOVUPD(m, v)
	case p.wide():
		VMOVUPD_Z(m, p.mask, v)
	default:
		VMASKMOVPD(m, p.widened(), v)
	}
	return v
}

func (p part) storeDoubles(v VecVirtual, m Mem) {
	switch {
	case p.mask == nil:
		VMOVUPD(v, m)
	case p.wide():
		VMOVUPD(v, p.mask, m)
	default:
		VMASKMOVPD(v, p.widened(), m)
	}
}

func (p part) widened() VecVirtual {
	m := p.vector()
	VPMOVSXDQ(p.mask.(VecVirtual).AsX(), m)
	return m
}

// choose is b where the sign of by is set, else a; choose64 for float64.
func (s set) choose(by, a, b VecVirtual) VecVirtual {
	v := s.vector()
	if !s.wide() {
		VBLENDVPS(by, b, a, v)
		return v
	}
	k := K()
	VPMOVD2M(by, k)
	VBLENDMPS(b, a, k, v)
	return v
}

func (s set) choose64(by, a, b VecVirtual) VecVirtual {
	v := s.vector()
	if !s.wide() {
		VBLENDVPD(by, b, a, v)
		return v
	}
	k := K()
	VPMOVQ2M(by, k)
	VBLENDMPD(b, a, k, v)
	return v
}

// zeroUnless clears v where "x predicate y" is false.
func (s set) zeroUnless(v, x VecVirtual, predicate uint8, y Op) {
	if !s.wide() {
		m := YMM()
		if v.Size() == 16 {
			m = XMM()
		}
		VCMPPS(U8(predicate), y, x, m)
		VANDPS(m, v, v)
		return
	}
	k := K()
	VCMPPS(U8(predicate), y, x, k)
	VMOVAPS_Z(v, k, v)
}

// Predicates of VCMPPS.
const (
	notEqual = 4 // or NaN
	notLess  = 5 // or NaN
	greater  = 14
)
