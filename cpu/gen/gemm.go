//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tileRows is how many rows a tile has: 24 of the 32 registers of AVX-512, or 12
// of the 16 of AVX2, hold the sums of two vectors each.
func (s set) tileRows() int {
	if s.wide() {
		return 12
	}
	return 6
}

// tile multiplies rows of a, wherever they lie, by a packed panel of two
// vectors: each sum starts at init and takes its terms in order.
func tile(s set) {
	rows := s.tileRows()
	s.begin("tile", "(k int, a []float32, aRow, aCol int, b, init []float32, initRow int, c []float32, cRow, cols int)",
		"computes c = init + a·b for one tile: a [rows, k] at strides aRow, aCol; b [k, 2 vectors]\n"+
			"packed; init and c at row strides initRow and cRow, of which cols columns are touched.")
	sums := make([][2]VecVirtual, rows)
	for i := range sums {
		sums[i] = [2]VecVirtual{s.vector(), s.vector()}
	}
	masks := s.columnMasks(integer("cols"))
	at, stride := base("init"), integer("initRow")
	SHLQ(U8(2), stride)
	s.tileRowsDo("init", masks, func(p [2]part) {
		row := GP64()
		MOVQ(at, row)
		for i := range sums {
			for j := range 2 {
				p[j].fill(Mem{Base: row, Disp: j * s.bytes()}, sums[i][j])
			}
			if i < rows-1 {
				ADDQ(stride, row)
			}
		}
	})

	k, a, aRow, aCol, b := integer("k"), base("a"), integer("aRow"), integer("aCol"), base("b")
	SHLQ(U8(2), aRow)
	SHLQ(U8(2), aCol)
	bases := s.rowBases(a, aRow)
	TESTQ(k, k)
	JZ(LabelRef("store"))
	s.tileSteps(k, bases, aRow, aCol, b, I32(int32(2*s.bytes())), VBROADCASTSS, func(term, x, sum VecVirtual) { VFMADD231PS(term, x, sum) }, sums)

	Label("store")
	at, stride = base("c"), integer("cRow")
	SHLQ(U8(2), stride)
	masks = s.columnMasks(integer("cols"))
	s.tileRowsDo("c", masks, func(p [2]part) {
		row := GP64()
		MOVQ(at, row)
		for i := range sums {
			for j := range 2 {
				p[j].store(sums[i][j], Mem{Base: row, Disp: j * s.bytes()})
			}
			if i < rows-1 {
				ADDQ(stride, row)
			}
		}
	})
	end()
}

// tileSteps adds the terms of k steps to the sums of a tile: of a row of b, which moves
// on by bStep, times an element of a for each row.
func (s set) tileSteps(k GPVirtual, bases []GPVirtual, aRow, aCol, b GPVirtual, bStep Op, spread func(...Op), add func(term, x, sum VecVirtual), sums [][2]VecVirtual) {
	Label("step")
	left, right := s.vector(), s.vector()
	VMOVUPS(Mem{Base: b}, left)
	VMOVUPS(Mem{Base: b, Disp: s.bytes()}, right)
	for i := range sums {
		x := s.vector()
		spread(rowAt(bases, aRow, i), x)
		add(left, x, sums[i][0])
		add(right, x, sums[i][1])
	}
	for _, p := range bases {
		ADDQ(aCol, p)
	}
	ADDQ(bStep, b)
	DECQ(k)
	JNZ(LabelRef("step"))
}

// fill loads into a register that is there already.
func (p part) fill(m Mem, v VecVirtual) {
	switch {
	case p.mask == nil:
		VMOVUPS(m, v)
	case p.wide():
		VMOVUPS_Z(m, p.mask, v)
	default:
		VMASKMOVPS(m, p.mask, v)
	}
}

// columnMasks selects the first cols of two vectors.
func (s set) columnMasks(cols GPVirtual) [2]Op {
	if s.wide() {
		ones, low, high := GP64(), K(), K()
		MOVQ(I32(-1), ones)
		BZHIQ(cols, ones, ones)
		KMOVW(ones.As32(), low)
		SHRQ(U8(16), ones)
		KMOVW(ones.As32(), high)
		return [2]Op{low, high}
	}
	table, from := GP64(), GP64()
	LEAQ(s.maskTable(), table)
	MOVQ(cols, from)
	NEGQ(from)
	low, high := s.vector(), s.vector()
	VMOVUPS(Mem{Base: table, Index: from, Scale: 4, Disp: 64}, low)
	VMOVUPS(Mem{Base: table, Index: from, Scale: 4, Disp: 96}, high)
	return [2]Op{low, high}
}

// tileRowsDo does work under the masks. Masked moves are slow on some AVX2
// processors, so a whole tile there takes a way of its own.
func (s set) tileRowsDo(name string, masks [2]Op, work func(p [2]part)) {
	masked := [2]part{{set: s, mask: masks[0]}, {set: s, mask: masks[1]}}
	if s.wide() {
		work(masked)
		return
	}
	cols := integer("cols")
	CMPQ(cols, U8(2*s.lanes))
	JE(LabelRef(name + "Whole"))
	work(masked)
	JMP(LabelRef(name + "Done"))
	Label(name + "Whole")
	work([2]part{{set: s}, {set: s}})
	Label(name + "Done")
}

// packRows copies the listed rows, one tile wide.
func packRows(s set) {
	s.begin("packRows", "(dst, src []float32, stride int, rows []int32, cols int)",
		"copies cols <= one tile's rows of the listed rows of src; row p becomes\n"+
			"dst[p·tile rows:], padded with zeros.")
	dst, src, stride, list, n := base("dst"), base("src"), integer("stride"), base("rows"), length("rows")
	in, out := s.mask(integer("cols"), s.lanes), s.mask(fixed(s.tileRows()), s.lanes)
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	row := GP64()
	MOVLQSX(Mem{Base: list}, row)
	IMULQ(stride, row)
	v := part{set: s, mask: in}.load(Mem{Base: src, Index: row, Scale: 4})
	part{set: s, mask: out}.store(v, Mem{Base: dst})
	ADDQ(U8(4), list)
	ADDQ(U8(4*s.tileRows()), dst)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	end()
}

func fixed(n int) GPVirtual {
	r := GP64()
	MOVQ(U32(uint32(n)), r)
	return r
}

// packScaled copies the listed rows, two vectors wide, each times its factor.
func packScaled(s set) {
	s.begin("packScaled", "(dst, src []float32, stride int, rows []int32, scale []float32, cols int)",
		"copies cols <= two vectors of the listed rows of src, times scale[row];\n"+
			"row p becomes dst[p·2 vectors:], padded with zeros.")
	dst, src, stride, list, n, scale := base("dst"), base("src"), integer("stride"), base("rows"), length("rows"), base("scale")
	masks := s.columnMasks(integer("cols"))
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	row, factor := GP64(), s.vector()
	MOVLQSX(Mem{Base: list}, row)
	VBROADCASTSS(Mem{Base: scale, Index: row, Scale: 4}, factor)
	IMULQ(stride, row)
	for j := range 2 {
		v := part{set: s, mask: masks[j]}.load(Mem{Base: src, Index: row, Scale: 4, Disp: j * s.bytes()})
		VMULPS(factor, v, v)
		VMOVUPS(v, Mem{Base: dst, Disp: j * s.bytes()})
	}
	ADDQ(U8(4), list)
	ADDQ(I32(int32(2*s.bytes())), dst)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	end()
}

// transpose turns blocks of 8 by 8 in registers.
func transpose(s set) {
	s.begin("transpose", "(dst []float32, dstStride int, src []float32, srcStride, blocks int)",
		"writes the transpose of blocks squares of 8 by 8 that lie side by side in\n"+
			"src, below each other in dst.")
	dst, dstStride, src, srcStride, n := base("dst"), integer("dstStride"), base("src"), integer("srcStride"), integer("blocks")
	SHLQ(U8(2), dstStride)
	SHLQ(U8(2), srcStride)
	Label("loop")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	at := GP64()
	MOVQ(src, at)
	row := make([]VecVirtual, 8)
	for i := range row {
		row[i] = YMM()
		VMOVUPS(Mem{Base: at}, row[i])
		if i < 7 {
			ADDQ(srcStride, at)
		}
	}
	pair := make([]VecVirtual, 8)
	for i := 0; i < 8; i += 2 {
		pair[i], pair[i+1] = YMM(), YMM()
		VUNPCKLPS(row[i+1], row[i], pair[i])
		VUNPCKHPS(row[i+1], row[i], pair[i+1])
	}
	quad := make([]VecVirtual, 8)
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			quad[i+2*j], quad[i+2*j+1] = YMM(), YMM()
			VUNPCKLPD(pair[i+2+j], pair[i+j], quad[i+2*j])
			VUNPCKHPD(pair[i+2+j], pair[i+j], quad[i+2*j+1])
		}
	}
	for i := range 8 {
		column := YMM()
		half := uint8(0x20)
		if i >= 4 {
			half = 0x31
		}
		VPERM2F128(U8(half), quad[4+i%4], quad[i%4], column)
		VMOVUPS(column, Mem{Base: dst})
		ADDQ(dstStride, dst)
	}
	ADDQ(U8(32), src)
	DECQ(n)
	JMP(LabelRef("loop"))
	Label("done")
	end()
}
