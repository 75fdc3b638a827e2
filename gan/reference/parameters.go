package reference

import (
	"math"

	"github.com/dpgan/dpgan/gan/nets"
)

// vector is what graphs read learned numbers from, in float64, and where they leave
// the gradient by them.
type vector struct{ wide, gradient []float64 }

func newVector(size int) vector { return vector{make([]float64, size), make([]float64, size)} }

// widen copies src to dst.
func widen(dst []float64, src []float32) {
	for i, v := range src {
		dst[i] = float64(v)
	}
}

// parameters are what was learned, and its optimiser. Between steps they are
// float32, as on a device, so that State loses nothing.
type parameters struct {
	inventory
	vector
	adam                  adam
	step                  uint64
	values, first, second []float32
}

// adam are the constants of an optimiser.
type adam struct{ beta1, beta2, epsilon float64 }

var (
	generatorAdam = adam{float64(float32(nets.GeneratorBeta1)), float64(float32(nets.GeneratorBeta2)), float64(float32(nets.GeneratorEpsilon))}
	netAdam       = adam{float64(float32(nets.NetBeta1)), float64(float32(nets.NetBeta2)), float64(float32(nets.NetEpsilon))}
)

func newParameters(v inventory, a adam, s *nets.State, step uint64) (*parameters, error) {
	p := &parameters{inventory: v, adam: a, step: step, vector: newVector(v.size)}
	for prefix, vector := range map[string]*[]float32{"": &p.values, "first/": &p.first, "second/": &p.second} {
		var err error
		if *vector, err = v.load(s.Tensors, prefix); err != nil {
			return nil, err
		}
	}
	widen(p.wide, p.values)
	return p, nil
}

func (p *parameters) store(dst nets.Tensors) {
	p.inventory.store(dst, "", p.values)
	p.inventory.store(dst, "first/", p.first)
	p.inventory.store(dst, "second/", p.second)
}

// update is one step of Adam (Kingma, Ba 2015) against the gradient g:
//
//	m ← β₁m + (1-β₁)g        v ← β₂v + (1-β₂)g²
//	p ← p - rate·m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + ε)
func (p *parameters) update(rate float64) {
	p.step++
	t, a := float64(p.step), p.adam
	correction1, correction2 := 1-math.Pow(a.beta1, t), 1-math.Pow(a.beta2, t)
	rate = float64(float32(rate)) // as a device is given it
	for i, g := range p.gradient {
		m := a.beta1*float64(p.first[i]) + (1-a.beta1)*g
		v := a.beta2*float64(p.second[i]) + (1-a.beta2)*g*g
		p.first[i], p.second[i] = float32(m), float32(v)
		p.values[i] -= float32(rate * m / correction1 / (math.Sqrt(v/correction2) + a.epsilon))
	}
	widen(p.wide, p.values)
}
