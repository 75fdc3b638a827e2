//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gridPair rounds two rows to integers, as the conversion does, half to even, and puts
// each two into a word.
func gridPair(s set) {
	s.begin("gridPair", "(words []uint32, even, odd []float32, evenFactor, oddFactor float32) (evenSquares, oddSquares int64)",
		"rounds evenFactor·even to the low and oddFactor·odd to the high halves of words,\n"+
			"at most 2^15-1 each, and gives the sums of their squares, or -1 if a product is not finite.")
	words, n := base("words"), length("words")
	most, least, low := s.loaded(s.f32(1<<15-1)), s.loaded(s.f32(-(1<<15 - 1))), s.loaded(s.word(0xffff))
	type row struct {
		x                   GPVirtual
		factor              VecVirtual
		squares, other, bad VecVirtual
	}
	rows := [2]row{{base("even"), s.spread("evenFactor"), s.zero(), s.zero(), s.zero()}, {base("odd"), s.spread("oddFactor"), s.zero(), s.zero(), s.zero()}}
	s.loop(n, s.lanes, map[GPVirtual]int{words: 4, rows[0].x: 4, rows[1].x: 4}, func(p part) {
		var v [2]VecVirtual
		for i, r := range rows {
			v[i] = p.load(Mem{Base: r.x})
			t := s.vector()
			VMULPS(r.factor, v[i], v[i])
			VSUBPS(v[i], v[i], t) // 0, or no number
			VORPS(t, r.bad, r.bad)
			VMINPS(most, v[i], v[i])
			VMAXPS(least, v[i], v[i])
			VCVTPS2DQ(v[i], v[i])
			VPSRLQ(U8(32), v[i], t)
			VPMULDQ(t, t, t)
			VPADDQ(t, r.other, r.other)
			VPMULDQ(v[i], v[i], t)
			VPADDQ(t, r.squares, r.squares)
		}
		VANDPS(low, v[0], v[0])
		VPSLLD(U8(16), v[1], v[1])
		VORPS(v[0], v[1], v[1])
		p.store(v[1], Mem{Base: words})
	})
	for i, r := range rows {
		VPADDQ(r.other, r.squares, r.squares)
		result, finite := GP64(), labelled("finite", i)
		MOVQ(s.fold(r.squares, VPADDQ), result)
		if s.wide() {
			k, word := K(), GP32()
			VPTESTMD(r.bad, r.bad, k)
			KMOVW(k, word)
			TESTL(word, word)
		} else {
			VPTEST(r.bad, r.bad)
		}
		JZ(LabelRef(finite))
		MOVQ(I32(-1), result)
		Label(finite)
		Store(result, ReturnIndex(i))
	}
	end()
}

// sumTile is a tile of products of integers: two of 16 bits a word, sums of 32 bits,
// widened to 64 at the end. tilePlain has two instructions a product, tileVNNI one.
func sumTile(s set) {
	s.sumTile("sumTile", func(x, y, sum VecVirtual) {
		product := s.vector()
		VPMADDWD(x, y, product)
		VPADDD(product, sum, sum)
	})
}

func sumTileVNNI(s set) {
	s.sumTile("sumTileVNNI", func(x, y, sum VecVirtual) { VPDPWSSD(x, y, sum) })
}

func (s set) sumTile(name string, multiply func(x, y, sum VecVirtual)) {
	rows := s.tileRows()
	s.begin(name, "(pairs int, a []uint32, aRow, aCol int, b []uint32, bRow int, c []uint64, cRow int)",
		"adds a·b to one whole tile of c: a [rows, pairs] at strides aRow, aCol; b [pairs,\n"+
			"2 vectors] and c at row strides bRow and cRow; a word of a or b is a pair of integers.")
	sums := make([][2]VecVirtual, rows)
	for i := range sums {
		sums[i] = [2]VecVirtual{s.zero(), s.zero()}
	}
	k, a, aRow, aCol, b, bRow := integer("pairs"), base("a"), integer("aRow"), integer("aCol"), base("b"), integer("bRow")
	for _, stride := range []GPVirtual{aRow, aCol, bRow} {
		SHLQ(U8(2), stride)
	}
	s.tileSteps(k, s.rowBases(a, aRow), aRow, aCol, b, bRow, VPBROADCASTD, multiply, sums)

	at, stride := base("c"), integer("cRow")
	SHLQ(U8(3), stride)
	for i := range sums {
		for j, sum := range sums[i] {
			low, high := s.vector(), s.vector()
			if s.wide() {
				VPMOVSXDQ(sum.AsY(), low)
				VEXTRACTF64X4(U8(1), sum, high.AsY())
				VPMOVSXDQ(high.AsY(), high)
			} else {
				VPMOVSXDQ(sum.AsX(), low)
				VEXTRACTF128(U8(1), sum, high.AsX())
				VPMOVSXDQ(high.AsX(), high)
			}
			for h, v := range []VecVirtual{low, high} {
				m := Mem{Base: at, Disp: (2*j + h) * s.bytes()}
				VPADDQ(m, v, v)
				VMOVUPS(v, m)
			}
		}
		if i < rows-1 {
			ADDQ(stride, at)
		}
	}
	end()
}

// rowBases are addresses of every third row of a tile, of which each serves three:
// itself, and one and two strides on (rowAt).
func (s set) rowBases(a, stride GPVirtual) []GPVirtual {
	bases := []GPVirtual{a}
	for i := 3; i < s.tileRows(); i += 3 {
		next := GP64()
		LEAQ(Mem{Base: bases[len(bases)-1], Index: stride, Scale: 2}, next)
		ADDQ(stride, next)
		bases = append(bases, next)
	}
	return bases
}

func rowAt(bases []GPVirtual, stride GPVirtual, i int) Mem {
	m := Mem{Base: bases[i/3]}
	if i%3 > 0 {
		m.Index, m.Scale = stride, uint8(i%3)
	}
	return m
}

// scatterSums adds integers to rows of sums, each times its value.
func scatterSums(s set) {
	s.begin("scatterSums", "(dw []uint64, s []int32, stride int, columns, values []int32)",
		"computes dw[columns[k]·stride:] += values[k]·s for each k.")
	dw, x, stride, n := base("dw"), base("s"), integer("stride"), length("s")
	step := s.lanes / 2
	block := func(p part, vectors int) {
		columns, values, left := base("columns"), base("values"), length("columns")
		terms := make([]VecVirtual, vectors)
		for i := range terms {
			terms[i] = s.vector()
			VPMOVSXDQ(p.loadHalf(Mem{Base: x, Disp: 4 * step * i}), terms[i])
		}
		s.terms(columns, values, left, stride, VPBROADCASTD, func(row GPVirtual, value VecVirtual) {
			for i, term := range terms {
				m, product := Mem{Base: dw, Index: row, Scale: 8, Disp: 8 * step * i}, s.vector()
				VPMULDQ(value, term, product)
				VPADDQ(p.loadDoubles(m), product, product)
				p.storeDoubles(product, m)
			}
		})
	}
	s.halfBlocks(n, 4, dw, x, block)
}

// toFloat64 converts integers of 64 bits; AVX2 does so by halves, as the low bits of
// floats of known exponent.
func (s set) toFloat64(v VecVirtual) VecVirtual {
	x := s.vector()
	if s.wide() {
		VCVTQQ2PD(v, x)
		return x
	}
	top := s.vector()
	VPSRAD(U8(16), v, top)
	VPBLENDW(U8(0x33), s.zero(), top, top)
	VPADDQ(s.f64(3<<67), top, top)
	VPBLENDW(U8(0x88), s.f64(1<<52), v, x)
	VSUBPD(s.f64(3<<67+1<<52), top, top)
	VADDPD(x, top, x)
	return x
}
