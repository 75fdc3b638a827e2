//go:build gpu

package cuda

import (
	"fmt"
	"math"

	"gorgonia.org/cu"
)

// arguments are those of a kernel, boxed in 8 bytes each, and the memory that they
// let it touch.
type arguments struct {
	words []uint64
	access
}

// Memory may be written by a kernel that is given it, unless the argument says
// otherwise: forgetting to say so costs time, not truth.
type (
	// read is memory of any type that the kernel does not write.
	read struct{ of any }
	// constant is memory that no kernel writes.
	constant cu.DevicePtr
	// layer is a matrix whose columns and stride are one argument.
	layer struct{ matrix }
)

// add appends an argument. Bare addresses are none: nobody would know what lies there.
func (a *arguments) add(argument any, written bool) error {
	switch v := argument.(type) {
	case int:
		if v < math.MinInt32 || v > math.MaxInt32 {
			return fmt.Errorf("size %d: a GPU takes at most %d; use smaller batches", v, math.MaxInt32)
		}
		a.word(uint64(uint32(int32(v))))
	case bool:
		if v {
			a.word(1)
		} else {
			a.word(0)
		}
	case uint32:
		a.word(uint64(v))
	case uint64:
		a.word(v)
	case float32:
		a.word(uint64(math.Float32bits(v)))
	case float64:
		a.word(math.Float64bits(v))
	case constant:
		a.word(uint64(v))
	case read:
		return a.add(v.of, false)
	case extent:
		a.touch(v, written)
		a.word(uint64(v.from))
	case vector:
		a.touch(v.extent(), written)
		a.word(uint64(v.address))
	case integers:
		a.touch(v.extent(), written)
		a.word(uint64(v.address))
	case matrix:
		a.touch(v.extent(), written)
		a.word(uint64(v.address), uint64(uint32(int32(v.stride))))
	case layer:
		a.touch(v.extent(), written)
		a.word(uint64(v.address), uint64(v.stride)<<32|uint64(v.cols))
	case draw:
		a.touch(v.seed, false)
		a.touch(v.step, false)
		a.word(uint64(v.seed.from), uint64(v.step.from), uint64(v.stream))
	case activation:
		a.word(uint64(v.kind), uint64(math.Float32bits(v.dropout)), uint64(math.Float32bits(v.keep)))
	default:
		return fmt.Errorf("argument=%T: no kernel takes it", argument)
	}
	return nil
}

func (a *arguments) word(words ...uint64) { a.words = append(a.words, words...) }

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
	return !apart(a.writes, b.writes) || !apart(a.writes, b.reads) || !apart(a.reads, b.writes)
}
