//go:build gpu

package cuda

import (
	"fmt"
	"math"

	"gorgonia.org/cu"
)

// pack appends an argument of a kernel, boxed in 8 bytes each as cu.Function.Launch
// wants it.
func pack(words []uint64, argument any) ([]uint64, error) {
	switch a := argument.(type) {
	case int:
		if a < math.MinInt32 || a > math.MaxInt32 {
			return nil, fmt.Errorf("size %d: a GPU takes at most %d; use smaller batches", a, math.MaxInt32)
		}
		return append(words, uint64(uint32(int32(a)))), nil
	case bool:
		if a {
			return append(words, 1), nil
		}
		return append(words, 0), nil
	case uint32:
		return append(words, uint64(a)), nil
	case uint64:
		return append(words, a), nil
	case float32:
		return append(words, uint64(math.Float32bits(a))), nil
	case float64:
		return append(words, math.Float64bits(a)), nil
	case cu.DevicePtr:
		return append(words, uint64(a)), nil
	case matrix:
		return pack(append(words, uint64(a.address)), a.stride)
	case vector:
		return append(words, uint64(a.address)), nil
	case draw:
		return append(words, uint64(a.seed), uint64(a.step), uint64(a.stream)), nil
	case activation:
		return append(words, uint64(a.kind), uint64(math.Float32bits(a.dropout)), uint64(math.Float32bits(a.keep))), nil
	}
	return nil, fmt.Errorf("argument=%T: no kernel takes it", argument)
}
