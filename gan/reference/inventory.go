package reference

import (
	"fmt"

	"github.com/dpgan/dpgan/gan/nets"
	"gorgonia.org/tensor"
)

// inventory names the tensors that lie one after the other in one vector.
type inventory struct {
	entries []entry
	size    int
}

type entry struct {
	name   string
	shape  tensor.Shape
	offset int
}

// add reserves room for a tensor and returns its offset.
func (v *inventory) add(name string, shape ...int) int {
	offset := v.size
	v.entries = append(v.entries, entry{name, shape, offset})
	v.size += tensor.Shape(shape).TotalSize()
	return offset
}

// store adds the vector's tensors, copied, to dst.
func (v *inventory) store(dst nets.Tensors, prefix string, vector []float32) {
	for _, e := range v.entries {
		values := append([]float32(nil), vector[e.offset:e.offset+e.shape.TotalSize()]...)
		dst[prefix+e.name] = tensor.New(tensor.WithShape(e.shape...), tensor.WithBacking(values))
	}
}

// load is the inverse of store.
func (v *inventory) load(src nets.Tensors, prefix string) ([]float32, error) {
	vector := make([]float32, v.size)
	for _, e := range v.entries {
		t := src[prefix+e.name]
		if t == nil {
			return nil, fmt.Errorf("reference: tensor %q: is missing; start from the state of the same nets", prefix+e.name)
		}
		values, ok := t.Data().([]float32)
		if !ok || !t.Shape().Eq(e.shape) {
			return nil, fmt.Errorf("reference: tensor %q: is %v of %v, not %v of float32; start from the state of the same nets",
				prefix+e.name, t.Shape(), t.Dtype(), e.shape)
		}
		copy(vector[e.offset:], values)
	}
	return vector, nil
}
