//go:build ignore

package main

import (
	"fmt"
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// set is an instruction set: AVX2 with FMA, or AVX-512 F, BW, DQ and VL.
type set struct {
	suffix string
	lanes  int // of float32
}

func (s set) wide() bool { return s.lanes == 16 }
func (s set) bytes() int { return 4 * s.lanes }

// begin starts the kernel called name; end leaves it with clean upper halves.
func (s set) begin(name, signature, doc string) {
	TEXT(name+s.suffix, NOSPLIT, "func"+signature)
	Doc(strings.Split(name+s.suffix+" "+doc, "\n")...)
	Pragma("noescape")
}

func end() {
	VZEROUPPER()
	RET()
}

func (s set) vector() VecVirtual {
	if s.wide() {
		return ZMM()
	}
	return YMM()
}

// half is a vector of as many float32 as a whole one has float64.
func (s set) half() VecVirtual {
	if s.wide() {
		return YMM()
	}
	return XMM()
}

func (s set) zero() VecVirtual {
	v := s.vector()
	VXORPS(v, v, v)
	return v
}

// base and scalars load arguments.
func base(name string) GPVirtual    { return Load(Param(name).Base(), GP64()).(GPVirtual) }
func length(name string) GPVirtual  { return Load(Param(name).Len(), GP64()).(GPVirtual) }
func integer(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

func address(name string) Mem {
	a, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return a.Addr
}

// spread fills a vector with a float32 argument, spread64 with a float64.
func (s set) spread(name string) VecVirtual {
	v := s.vector()
	VBROADCASTSS(address(name), v)
	return v
}

func (s set) spread64(name string) VecVirtual {
	v := s.vector()
	VBROADCASTSD(address(name), v)
	return v
}

// constants are vectors in read-only memory, by name.
var constants = map[string]Mem{}

func constant(name string, size int, values ...Constant) Mem {
	if m, known := constants[name]; known {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i, v := range values {
		DATA(i*size, v)
	}
	constants[name] = m
	return m
}

// word is a vector of one 32-bit pattern, quad of one 64-bit pattern.
func (s set) word(bits uint32) Mem {
	values := make([]Constant, s.lanes)
	for i := range values {
		values[i] = U32(bits)
	}
	return constant(fmt.Sprintf("word%08x", bits), 4, values...)
}

func (s set) quad(bits uint64) Mem {
	values := make([]Constant, s.lanes/2)
	for i := range values {
		values[i] = U64(bits)
	}
	return constant(fmt.Sprintf("quad%016x", bits), 8, values...)
}

func (s set) f32(x float32) Mem { return s.word(math.Float32bits(x)) }
func (s set) f64(x float64) Mem { return s.quad(math.Float64bits(x)) }

// loaded copies a constant into a register, for loops.
func (s set) loaded(m Mem) VecVirtual {
	v := s.vector()
	VMOVUPS(m, v)
	return v
}
