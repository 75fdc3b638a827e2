package nets

import (
	"fmt"

	"github.com/dpgan/dpgan/device"
	"gorgonia.org/tensor"
)

// tensorLayout names the tensors that lie one after the other in one vector.
type tensorLayout struct {
	entries []entry
	size    int
}

type entry struct {
	name   string
	shape  []int
	offset int
}

// add reserves room for a tensor and returns its offset.
func (s *tensorLayout) add(name string, shape ...int) int {
	offset, n := s.size, 1
	for _, d := range shape {
		n *= d
	}
	s.entries = append(s.entries, entry{name, shape, offset})
	s.size += n
	return offset
}

// Tensors are named float32 arrays: parameters, statistics, optimiser state.
type Tensors map[string]*tensor.Dense

// split cuts vector into its named tensors, prefixed, and adds them to dst.
func (s *tensorLayout) split(dst Tensors, prefix string, vector []float32) {
	for _, e := range s.entries {
		n := tensor.Shape(e.shape).TotalSize()
		backing := append([]float32(nil), vector[e.offset:e.offset+n]...)
		dst[prefix+e.name] = tensor.New(tensor.WithShape(e.shape...), tensor.WithBacking(backing))
	}
}

// splitInitial is slice for parameters that begin at vector, with an optimiser that knows nothing.
func (s *tensorLayout) splitInitial(dst Tensors, vector []float32) {
	s.split(dst, "", vector)
	s.split(dst, "first/", make([]float32, len(vector)))
	s.split(dst, "second/", make([]float32, len(vector)))
}

// concat is the inverse of slice: it fails if a tensor is missing or misshapen.
func (s *tensorLayout) concat(src Tensors, prefix string) ([]float32, error) {
	for _, e := range s.entries { // before any memory is taken for what a file claims
		t, ok := src[prefix+e.name]
		if !ok {
			return nil, fmt.Errorf("gan: tensor %q is missing", prefix+e.name)
		}
		if !t.Shape().Eq(tensor.Shape(e.shape)) {
			return nil, fmt.Errorf("gan: tensor %q has shape %v, not %v", prefix+e.name, t.Shape(), e.shape)
		}
		if t.Dtype() != tensor.Float32 {
			return nil, fmt.Errorf("gan: tensor %q is of %v, not float32", prefix+e.name, t.Dtype())
		}
	}
	vector := make([]float32, s.size)
	for _, e := range s.entries {
		copy(vector[e.offset:], src[prefix+e.name].Data().([]float32))
	}
	return vector, nil
}

// matrix views a [rows, cols] tensor at offset within v; vector an [n] one.
func matrix(v device.Vector, offset, rows, cols int) device.Matrix {
	return device.NewMatrix(v.Buffer, v.Offset+offset, rows, cols)
}

func vector(v device.Vector, offset, n int) device.Vector {
	return device.NewVector(v.Buffer, v.Offset+offset, n)
}
