package reference

import (
	"fmt"
	"math"

	"github.com/dpgan/dpgan/gan"
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
func (v *inventory) store(dst gan.Tensors, prefix string, vector []float32) {
	for _, e := range v.entries {
		values := append([]float32(nil), vector[e.offset:e.offset+e.shape.TotalSize()]...)
		dst[prefix+e.name] = tensor.New(tensor.WithShape(e.shape...), tensor.WithBacking(values))
	}
}

// load is the inverse of store.
func (v *inventory) load(src gan.Tensors, prefix string) ([]float32, error) {
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

// parameters are what a net learned, and its optimiser. Between steps they are
// float32, as on a device, so that State loses nothing; graphs read them through
// wide, in float64.
type parameters struct {
	inventory
	beta1, beta2          float64
	step                  uint64
	values, first, second []float32
	wide                  []float64
}

func newParameters(v inventory, beta1, beta2 float32, s gan.State, step uint64) (*parameters, error) {
	p := &parameters{inventory: v, beta1: float64(beta1), beta2: float64(beta2), step: step, wide: make([]float64, v.size)}
	for prefix, vector := range map[string]*[]float32{"": &p.values, "first/": &p.first, "second/": &p.second} {
		var err error
		if *vector, err = v.load(s.Tensors, prefix); err != nil {
			return nil, err
		}
	}
	p.widen()
	return p, nil
}

func (p *parameters) store(dst gan.Tensors) {
	p.inventory.store(dst, "", p.values)
	p.inventory.store(dst, "first/", p.first)
	p.inventory.store(dst, "second/", p.second)
}

func (p *parameters) widen() {
	for i, v := range p.values {
		p.wide[i] = float64(v)
	}
}

// update is one step of Adam (Kingma, Ba 2015) against gradient:
//
//	m ← β₁m + (1-β₁)g        v ← β₂v + (1-β₂)g²
//	p ← p - rate·m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + ε)
func (p *parameters) update(gradient []float64, rate float64) {
	p.step++
	t := float64(p.step)
	correction1, correction2 := 1-math.Pow(p.beta1, t), 1-math.Pow(p.beta2, t)
	rate = float64(float32(rate)) // as a device is given it
	for i, g := range gradient {
		m := p.beta1*float64(p.first[i]) + (1-p.beta1)*g
		v := p.beta2*float64(p.second[i]) + (1-p.beta2)*g*g
		p.first[i], p.second[i] = float32(m), float32(v)
		p.values[i] -= float32(rate * m / correction1 / (math.Sqrt(v/correction2) + float64(float32(gan.AdamEpsilon))))
	}
	p.widen()
}
