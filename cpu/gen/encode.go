//go:build ignore

package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Neither Go's assembler nor avo knows AMX and AVX512_BF16, so their instructions
// are encoded here (Intel 64 and IA-32 Architectures Software Developer's Manual,
// volume 2, 2.3 and 2.7) and written as bytes. avo cannot name a virtual register
// in bytes: operands are physical ones.

// tmm is a tile register.
type tmm uint8

func (t tmm) String() string { return fmt.Sprintf("tmm%d", uint8(t)) }

// strided is where a tile lies: rows at base + disp, each stride bytes on.
type strided struct {
	base, stride Physical
	disp         int32
}

func (s strided) String() string {
	at := fmt.Sprintf("[%s+%s*1", name(s.base), name(s.stride))
	if s.disp != 0 {
		at += fmt.Sprintf("+%d", s.disp)
	}
	return at + "]"
}

// name is the register's name in Intel's manual: Go's AX and Z1 are its rax, zmm1.
func name(r Physical) string {
	text := strings.ToLower(r.Asm())
	switch {
	case r.Kind() == KindVector:
		return "zmm" + text[1:]
	case r.PhysicalIndex() < 8:
		return "r" + text
	}
	return text
}

func ldtilecfg(config Physical) {
	raw(fmt.Sprintf("ldtilecfg [%s]", name(config)), "AMX-TILE", []Op{config}, nil,
		append(vex(0, config, RAX, 0), 0x49, byte(config.PhysicalIndex()&7)))
}

func tilerelease() {
	raw("tilerelease", "AMX-TILE", nil, nil, append(vex(0, RAX, RAX, 0), 0x49, 0xc0))
}

func tileloadd(t tmm, from strided) {
	raw(fmt.Sprintf("tileloadd %s, %s", t, from), "AMX-TILE", []Op{from.base, from.stride}, nil,
		append(vex(3, from.base, from.stride, 0), from.encode(0x4b, t)...))
}

func tilestored(to strided, t tmm) {
	raw(fmt.Sprintf("tilestored %s, %s", to, t), "AMX-TILE", []Op{to.base, to.stride}, nil,
		append(vex(2, to.base, to.stride, 0), to.encode(0x4b, t)...))
}

// tdpbf16ps adds to sum, float32 [16, 16], the product of a [16, 32] and b
// [32, 16], whose rows lie in pairs.
func tdpbf16ps(sum, a, b tmm) {
	raw(fmt.Sprintf("tdpbf16ps %s, %s, %s", sum, a, b), "AMX-BF16", nil, nil,
		append(vex(2, RAX, RAX, b), 0x5c, 0xc0|byte(sum)<<3|byte(a)))
}

// vcvtne2ps2bf16 rounds low to the lower half of to, high to the upper.
func vcvtne2ps2bf16(low, high, to VecPhysical) {
	r, v, b := to.PhysicalIndex(), high.PhysicalIndex(), low.PhysicalIndex()
	// The prefix holds the high bits of each register inverted.
	inverted := ^byte(r&8<<4|b&16<<2|b&8<<2|r&16) & 0xf0
	raw(fmt.Sprintf("vcvtne2ps2bf16 %s, %s, %s", name(to), name(high), name(low)), "AVX512BF16", []Op{low, high}, []Op{to},
		[]byte{0x62, inverted | 2, byte(^v&15)<<3 | 7, 0x40 | byte(^v>>4&1)<<3, 0x72, 0xc0 | byte(r&7)<<3 | byte(b&7)})
}

// vex is a prefix of three bytes for map 0F 38, W0, 128 bits: the mandatory prefix
// (0 none, 2 F3, 3 F2), the high bits of base and index, and the second source.
func vex(prefix byte, base, index Physical, v tmm) []byte {
	high := byte(0x80) // no tile register needs R
	if index.PhysicalIndex() < 8 {
		high |= 0x40
	}
	if base.PhysicalIndex() < 8 {
		high |= 0x20
	}
	return []byte{0xc4, high | 2, byte(^v&15)<<3 | prefix}
}

// encode is the opcode, ModRM, SIB and displacement of a tile's move.
func (s strided) encode(opcode byte, t tmm) []byte {
	sib := byte(s.stride.PhysicalIndex()&7)<<3 | byte(s.base.PhysicalIndex()&7)
	modrm := byte(t)<<3 | 4
	switch {
	case s.disp == 0 && s.base.PhysicalIndex()&7 != 5:
		return []byte{opcode, modrm, sib}
	case s.disp == int32(int8(s.disp)):
		return []byte{opcode, modrm | 0x40, sib, byte(s.disp)}
	}
	return []byte{opcode, modrm | 0x80, sib, byte(s.disp), byte(s.disp >> 8), byte(s.disp >> 16), byte(s.disp >> 24)}
}

// raw writes an instruction as bytes, with its text beside them.
func raw(text, isa string, inputs, outputs []Op, encoding []byte) {
	var bytes []string
	for _, b := range encoding {
		bytes = append(bytes, fmt.Sprintf("BYTE $%#02x", b))
	}
	Instruction(&ir.Instruction{
		Opcode: strings.Join(bytes, "; ") + " // " + text,
		Inputs: inputs, Outputs: outputs, ISA: []string{isa},
	})
}
