//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// nonzeros is a bitmap, one bit an element; NaN is not zero.
func nonzeros(s set) {
	s.begin("nonzeros", "(bits []uint8, x []float32)",
		"sets bit j%8 of bits[j/8] where x[j] is not 0; len(x) is a multiple of a vector.")
	bits, x, n := base("bits"), base("x"), length("x")
	zero := s.zero()
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	word := GP32()
	if s.wide() {
		k := K()
		VCMPPS(U8(notEqual), Mem{Base: x}, zero, k)
		KMOVW(k, word)
		MOVW(word.As16(), Mem{Base: bits})
	} else {
		m := YMM()
		VCMPPS(U8(notEqual), Mem{Base: x}, zero, m)
		VMOVMSKPS(m, word)
		MOVB(word.As8(), Mem{Base: bits})
	}
	ADDQ(I32(int32(s.bytes())), x)
	ADDQ(U8(s.lanes/8), bits)
	SUBQ(U8(s.lanes), n)
	JMP(LabelRef("loop"))
	Label("done")
	end()
}

// gatherRows adds rows of w to y, each times its value.
func gatherRows(s set) {
	s.begin("gatherRows", "(y, w []float32, stride int, columns []int32, values []float32)",
		"computes y += Σ values[k]·w[columns[k]·stride:], term by term.")
	y, w, stride, n := base("y"), base("w"), integer("stride"), length("y")
	s.blocks(n, 4, map[GPVirtual]int{y: 4, w: 4}, func(parts []part) {
		columns, values, left := base("columns"), base("values"), length("columns")
		sums := make([]VecVirtual, len(parts))
		for i, p := range parts {
			sums[i] = p.load(Mem{Base: y, Disp: i * s.bytes()})
		}
		s.terms(columns, values, left, stride, VBROADCASTSS, func(row GPVirtual, value VecVirtual) {
			for i, p := range parts {
				m := Mem{Base: w, Index: row, Scale: 4, Disp: i * s.bytes()}
				if p.mask == nil {
					VFMADD231PS(m, value, sums[i])
				} else {
					VFMADD231PS(p.load(m), value, sums[i])
				}
			}
		})
		for i, p := range parts {
			p.store(sums[i], Mem{Base: y, Disp: i * s.bytes()})
		}
	})
	end()
}

// scatterRows adds x to rows of dw, each times its value.
func scatterRows(s set) {
	s.begin("scatterRows", "(dw, x []float32, stride int, columns []int32, values []float32)",
		"computes dw[columns[k]·stride:] += values[k]·x for each k in order.")
	dw, x, stride, n := base("dw"), base("x"), integer("stride"), length("x")
	s.blocks(n, 2, map[GPVirtual]int{dw: 4, x: 4}, func(parts []part) {
		columns, values, left := base("columns"), base("values"), length("columns")
		terms := make([]VecVirtual, len(parts))
		for i, p := range parts {
			terms[i] = p.load(Mem{Base: x, Disp: i * s.bytes()})
		}
		s.terms(columns, values, left, stride, VBROADCASTSS, func(row GPVirtual, value VecVirtual) {
			for i, p := range parts {
				m := Mem{Base: dw, Index: row, Scale: 4, Disp: i * s.bytes()}
				v := p.load(m)
				VFMADD231PS(terms[i], value, v)
				p.store(v, m)
			}
		})
	})
	end()
}

// terms runs body for each listed row and its value, which spread fills a vector with.
func (s set) terms(columns, values, left, stride GPVirtual, spread func(...Op), body func(row GPVirtual, value VecVirtual)) {
	loops++
	next, out := labelled("term", loops), labelled("out", loops)
	Label(next)
	TESTQ(left, left)
	JZ(LabelRef(out))
	row, value := GP64(), s.vector()
	MOVLQSX(Mem{Base: columns}, row)
	IMULQ(stride, row)
	spread(Mem{Base: values}, value)
	body(row, value)
	ADDQ(U8(4), columns)
	ADDQ(U8(4), values)
	DECQ(left)
	JMP(LabelRef(next))
	Label(out)
}

// blocks runs body over width vectors at a time, which stay in registers, then
// one by one.
func (s set) blocks(n GPVirtual, width int, pointers map[GPVirtual]int, body func(parts []part)) {
	whole := make([]part, width)
	for i := range whole {
		whole[i] = part{set: s}
	}
	Label("blocks")
	CMPQ(n, U8(width*s.lanes))
	JLT(LabelRef("rest"))
	body(whole)
	for _, p := range ordered(pointers) {
		ADDQ(I32(int32(width*s.bytes())), p)
	}
	SUBQ(U8(width*s.lanes), n)
	JMP(LabelRef("blocks"))
	Label("rest")
	s.loop(n, s.lanes, pointers, func(p part) { body([]part{p}) })
}
