//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// stepBytes is what 32 terms of 32 rows, or of 32 columns, take as BF16.
const stepBytes = 32 * 32 * 2

// strip multiplies 32 rows by panel after panel of 32 columns. Four tiles hold the
// sums of a panel, four the operands. Tiles are configured and released in here,
// so no other code of the process ever sees them in use.
func strip(s set) {
	s.begin("strip", "(steps int, a, b []float32, skip int, init []float32, initRow int, c []float32, cRow, panels int)",
		"computes c = init + a·b for 32 rows and panels·32 columns: a [steps][32 rows][32 terms]\n"+
			"and each panel of b [steps][16 pairs of terms][32 columns][2] hold BF16, skip elements of b\n"+
			"lie between panels; init and c at row strides initRow and cRow.")
	steps := Load(Param("steps"), R8)
	a, b, init, c := Load(Param("a").Base(), RSI), Load(Param("b").Base(), RDI), Load(Param("init").Base(), R9), Load(Param("c").Base(), R10)
	initRow, cRow, panels := Load(Param("initRow"), R11), Load(Param("cRow"), R12), Load(Param("panels"), R13)
	SHLQ(U8(2), initRow)
	SHLQ(U8(2), cRow)
	config := RAX
	LEAQ(tileConfig(), config)
	ldtilecfg(config)
	rowA, rowB := RBX, RCX // bytes from one row of an operand's tile to the next
	MOVQ(U32(64), rowA)
	MOVQ(U32(128), rowB)

	Label("panel")
	quarters := func(at, row GPPhysical, do func(t tmm, where strided)) {
		lower := RDX // the lower 16 rows
		MOVQ(row, lower)
		SHLQ(U8(4), lower)
		ADDQ(at, lower)
		do(0, strided{at, row, 0})
		do(1, strided{at, row, 64})
		do(2, strided{lower, row, 0})
		do(3, strided{lower, row, 64})
	}
	quarters(R9, R11, tileloadd)
	left, k := RAX, RDX
	MOVQ(a, left)
	MOVQ(steps, k)
	Label("step")
	tileloadd(4, strided{left, rowA, 0})
	tileloadd(6, strided{RDI, rowB, 0})
	tileloadd(7, strided{RDI, rowB, 64})
	tileloadd(5, strided{left, rowA, 1024})
	tdpbf16ps(0, 4, 6)
	tdpbf16ps(1, 4, 7)
	tdpbf16ps(2, 5, 6)
	tdpbf16ps(3, 5, 7)
	ADDQ(I32(stepBytes), left)
	ADDQ(I32(stepBytes), b)
	DECQ(k)
	JNZ(LabelRef("step"))
	quarters(R10, R12, func(t tmm, where strided) { tilestored(where, t) })
	ADDQ(I32(128), init)
	ADDQ(I32(128), c)
	skip := Load(Param("skip"), RDX)
	LEAQ(Mem{Base: RDI, Index: skip, Scale: 4}, RDI)
	DECQ(panels)
	JNZ(LabelRef("panel"))
	tilerelease()
	RET()
}

// tileConfig is palette 1 with eight tiles of 16 rows of 64 bytes.
func tileConfig() Mem {
	var words [16]uint32
	words[0] = 1
	for i := range 4 {
		words[4+i] = 64 | 64<<16
	}
	words[12], words[13] = 0x10101010, 0x10101010
	values := make([]Constant, len(words))
	for i, w := range words {
		values[i] = U32(w)
	}
	return constant("tileConfig", 4, values...)
}

// roundRows is the first operand of strip, and what a transposed second one is
// made from.
func roundRows(s set) {
	s.begin("roundRows", "(dst, src []float32, stride, rows, cols int)",
		"rounds rows <= 32 rows of src to BF16: columns 32k to 32k+31 of row i become the 16\n"+
			"words from dst[512k + 16i] on, padded with zeros.")
	dst, src, stride, rows := base("dst"), base("src"), integer("stride"), integer("rows")
	SHLQ(U8(2), stride)
	Label("row")
	from, to, cols := GP64(), GP64(), integer("cols")
	MOVQ(src, from)
	MOVQ(dst, to)
	Label("whole")
	CMPQ(cols, U8(32))
	JLT(LabelRef("part"))
	VMOVUPS(Mem{Base: from}, Z0)
	VMOVUPS(Mem{Base: from, Disp: 64}, Z1)
	vcvtne2ps2bf16(Z0, Z1, Z2)
	VMOVUPS(Z2, Mem{Base: to})
	ADDQ(I32(128), from)
	ADDQ(I32(stepBytes), to)
	SUBQ(U8(32), cols)
	JMP(LabelRef("whole"))
	Label("part")
	TESTQ(cols, cols)
	JZ(LabelRef("next"))
	masks := s.columnMasks(cols)
	VMOVUPS_Z(Mem{Base: from}, masks[0], Z0)
	VMOVUPS_Z(Mem{Base: from, Disp: 64}, masks[1], Z1)
	vcvtne2ps2bf16(Z0, Z1, Z2)
	VMOVUPS(Z2, Mem{Base: to})
	Label("next")
	ADDQ(stride, src)
	ADDQ(I32(64), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	end()
}

// roundPairs is the second operand of strip.
func roundPairs(s set) {
	s.begin("roundPairs", "(dst, src []float32, stride int, rows []int32, scale []float32, cols int)",
		"multiplies cols <= 32 columns of the listed rows of src by scale[row] and rounds them to\n"+
			"BF16, to the largest one if that is nearest to a finite number; rows 2p and 2p+1, side by\n"+
			"side, become the 32 words from dst[32p] on, padded with zeros.")
	dst, src, stride, list, n, scale := base("dst"), base("src"), integer("stride"), base("rows"), length("rows"), base("scale")
	masks := s.columnMasks(integer("cols"))
	order, nearInfinite, upper := s.loaded(pairOrder()), s.loaded(s.word(0x7f7f8000)), s.loaded(s.word(0x7fff8000))
	truncated := s.loaded(s.word(0xffff0000))
	load := func(to [2]VecPhysical) {
		row, factor := GP64(), s.vector()
		MOVLQSX(Mem{Base: list}, row)
		VBROADCASTSS(Mem{Base: scale, Index: row, Scale: 4}, factor)
		IMULQ(stride, row)
		for j, v := range to {
			VMOVUPS_Z(Mem{Base: src, Index: row, Scale: 4, Disp: 64 * j}, masks[j], v)
			VMULPS(factor, v, v)
			distance, k := s.vector(), K()
			VPXORD(nearInfinite, v, distance)
			VPTESTNMD(upper, distance, k)
			VPANDD(truncated, v, k, v)
		}
		ADDQ(U8(4), list)
	}
	even, odd := [2]VecPhysical{Z0, Z1}, [2]VecPhysical{Z2, Z3}
	Label("pair")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	load(even)
	VPXORD(Z2, Z2, Z2)
	VPXORD(Z3, Z3, Z3)
	DECQ(n)
	JZ(LabelRef("store"))
	load(odd)
	DECQ(n)
	Label("store")
	for j := range 2 {
		vcvtne2ps2bf16(even[j], odd[j], Z4)
		VPERMW(Z4, order, Z4)
		VMOVUPS(Z4, Mem{Base: dst, Disp: 64 * j})
	}
	ADDQ(I32(128), dst)
	JMP(LabelRef("pair"))
	Label("done")
	end()
}

// pairOrder interleaves the halves of a vector of 32 words.
func pairOrder() Mem {
	values := make([]Constant, 32)
	for i := range values {
		values[i] = U16(i/2 + 16*(i%2))
	}
	return constant("pairOrder", 2, values...)
}
