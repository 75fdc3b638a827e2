//go:build gpu

package cuda

import (
	"fmt"
	"math"
	"unsafe"

	"gorgonia.org/cu"
)

// array is n elements on the GPU, of the type that kernels read or write there.
type array[T any] struct {
	address cu.DevicePtr
	n       int
}

// vector is floats, integers are those of private sums and counters.
type (
	vector   = array[float32]
	integers = array[uint64]
)

func (a array[T]) extent() extent {
	var element T
	return extent{a.address, a.address + cu.DevicePtr(a.n*int(unsafe.Sizeof(element)))}
}

// arguments are those of a kernel, boxed in 8 bytes each, and the memory that they
// let it touch. The functions in launches.go put them in the order and with the types
// of the kernel's parameters.
type arguments struct {
	words   []uint64
	tracked bool // whether someone asks for the memory
	access
	err error
}

// mostWords is what the kernel with the most parameters takes, and a little more.
const mostWords = 64

func (o operation) arguments() *arguments {
	return &arguments{words: make([]uint64, 0, mostWords), tracked: o.recording != nil}
}

// read appends the address of memory that the kernel does not write, write of that which
// it may write: const in its signature tells them apart.
func (a *arguments) read(e extent) { a.memory(e, false) }

func (a *arguments) write(e extent) { a.memory(e, true) }

func (a *arguments) memory(e extent, written bool) {
	a.uint64(uint64(e.from))
	if a.tracked {
		a.touch(e, written)
	}
}

func (a *arguments) int(v int) {
	if (v < math.MinInt32 || v > math.MaxInt32) && a.err == nil {
		a.err = fmt.Errorf("size %d: a GPU takes at most %d; use smaller batches", v, math.MaxInt32)
	}
	a.uint32(uint32(int32(v)))
}

func (a *arguments) flag(v bool) {
	if v {
		a.uint64(1)
	} else {
		a.uint64(0)
	}
}

func (a *arguments) uint32(v uint32)   { a.uint64(uint64(v)) }
func (a *arguments) uint64(v uint64)   { a.words = append(a.words, v) }
func (a *arguments) float32(v float32) { a.uint32(math.Float32bits(v)) }
func (a *arguments) float64(v float64) { a.uint64(math.Float64bits(v)) }

// access is the memory that a launch reads, and that which it may write as well.
type access struct{ reads, writes []extent }

func (a *access) touch(e extent, written bool) {
	switch {
	case e.from == e.to:
	case written:
		a.writes = append(a.writes, e)
	default:
		a.reads = append(a.reads, e)
	}
}

// conflicts tells that one of two launches writes what the other touches.
func (a access) conflicts(b access) bool {
	return !disjoint(a.writes, b.writes) || !disjoint(a.writes, b.reads) || !disjoint(a.reads, b.writes)
}
