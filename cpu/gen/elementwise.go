//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// activate is max(y, slope·y), or max(y, 0) for slope 0, also where y is
// infinite; NaN stays.
func activate(s set) {
	s.begin("activate", "(y []float32, slope float32)", "replaces y by slope·y where y < 0.")
	y, n := base("y"), length("y")
	slope := s.spread("slope")
	s.loop(n, s.lanes, map[GPVirtual]int{y: 4}, func(p part) {
		v := p.load(Mem{Base: y})
		p.store(s.leaky(v, slope), Mem{Base: y})
	})
	end()
}

func (s set) leaky(v, slope VecVirtual) VecVirtual {
	below := s.vector()
	VMULPS(slope, v, below)
	s.zeroUnless(below, slope, notEqual, s.zero())
	VMAXPS(v, below, below) // the last source where either is NaN: v
	return below
}

// dropout is activate, then keep·y where u >= rate and 0 elsewhere.
func dropout(s set) {
	s.begin("dropout", "(y, u []float32, slope, keep, rate float32)",
		"replaces y by slope·y where y < 0, then by 0 where u < rate and keep·y elsewhere.")
	y, u, n := base("y"), base("u"), length("y")
	slope, keep, rate := s.spread("slope"), s.spread("keep"), s.spread("rate")
	s.loop(n, s.lanes, map[GPVirtual]int{y: 4, u: 4}, func(p part) {
		v := s.leaky(p.load(Mem{Base: y}), slope)
		VMULPS(keep, v, v)
		s.zeroUnless(v, p.load(Mem{Base: u}), notLess, rate)
		p.store(v, Mem{Base: y})
	})
	end()
}

// derive is the derivative of both.
func derive(s set) {
	s.begin("derive", "(gradient, y []float32, above, below float32)",
		"multiplies gradient by above where y > 0, below where y < 0, 0 where y = 0.")
	g, y, n := base("gradient"), base("y"), length("gradient")
	above, below := s.spread("above"), s.spread("below")
	s.loop(n, s.lanes, map[GPVirtual]int{g: 4, y: 4}, func(p part) {
		output, v := p.load(Mem{Base: y}), p.load(Mem{Base: g})
		VMULPS(s.choose(output, above, below), v, v)
		s.zeroUnless(v, output, notEqual, s.zero())
		p.store(v, Mem{Base: g})
	})
	end()
}

// deriveScaled is derive of a product of one term.
func deriveScaled(s set) {
	s.begin("deriveScaled", "(dst, x, y []float32, factor, above, below float32)",
		"computes dst = factor·x, times above where y > 0, below where y < 0, 0 where y = 0.")
	dst, x, y, n := base("dst"), base("x"), base("y"), length("dst")
	factor, above, below := s.spread("factor"), s.spread("above"), s.spread("below")
	s.loop(n, s.lanes, map[GPVirtual]int{dst: 4, x: 4, y: 4}, func(p part) {
		output, v := p.load(Mem{Base: y}), p.load(Mem{Base: x})
		VMULPS(factor, v, v)
		VMULPS(s.choose(output, above, below), v, v)
		s.zeroUnless(v, output, notEqual, s.zero())
		p.store(v, Mem{Base: dst})
	})
	end()
}

func add(s set) {
	s.begin("add", "(dst, src []float32)", "computes dst += src.")
	dst, src, n := base("dst"), base("src"), length("dst")
	s.loop(n, s.lanes, map[GPVirtual]int{dst: 4, src: 4}, func(p part) {
		v := p.load(Mem{Base: dst})
		VADDPS(p.load(Mem{Base: src}), v, v)
		p.store(v, Mem{Base: dst})
	})
	end()
}

func axpy(s set) {
	s.begin("axpy", "(dst, src []float32, factor float32)", "computes dst += factor·src.")
	dst, src, n := base("dst"), base("src"), length("dst")
	factor := s.spread("factor")
	s.loop(n, s.lanes, map[GPVirtual]int{dst: 4, src: 4}, func(p part) {
		v := p.load(Mem{Base: dst})
		VFMADD231PS(p.load(Mem{Base: src}), factor, v)
		p.store(v, Mem{Base: dst})
	})
	end()
}

func average(s set) {
	s.begin("average", "(dst, src []float32, decay, weight float32)", "computes dst = decay·dst + weight·src.")
	dst, src, n := base("dst"), base("src"), length("dst")
	decay, weight := s.spread("decay"), s.spread("weight")
	s.loop(n, s.lanes, map[GPVirtual]int{dst: 4, src: 4}, func(p part) {
		v, x := p.load(Mem{Base: dst}), p.load(Mem{Base: src})
		VMULPS(decay, v, v)
		VFMADD231PS(x, weight, v)
		p.store(v, Mem{Base: dst})
	})
	end()
}

// adam is one update, and zeroes the gradient.
func adam(s set) {
	s.begin("adam", "(parameters, first, second, gradient []float32, beta1, rest1, beta2, rest2, rate, correction, epsilon float32)",
		"moves parameters against gradient, which it zeroes:\n"+
			"m = β₁m + (1-β₁)g, v = β₂v + (1-β₂)g², p -= rate·m/(√(v·correction) + ε).")
	parameters, first, second, gradient := base("parameters"), base("first"), base("second"), base("gradient")
	n := length("parameters")
	beta1, rest1, beta2, rest2 := s.spread("beta1"), s.spread("rest1"), s.spread("beta2"), s.spread("rest2")
	rate, correction, epsilon := s.spread("rate"), s.spread("correction"), s.spread("epsilon")
	s.loop(n, s.lanes, map[GPVirtual]int{parameters: 4, first: 4, second: 4, gradient: 4}, func(p part) {
		g, m := p.load(Mem{Base: gradient}), p.load(Mem{Base: first})
		VMULPS(beta1, m, m)
		VFMADD231PS(rest1, g, m)
		p.store(m, Mem{Base: first})
		v := p.load(Mem{Base: second})
		VMULPS(g, g, g)
		VMULPS(beta2, v, v)
		VFMADD231PS(rest2, g, v)
		p.store(v, Mem{Base: second})
		VMULPS(correction, v, v)
		VSQRTPS(v, v)
		VADDPS(epsilon, v, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		x := p.load(Mem{Base: parameters})
		VSUBPS(m, x, x)
		p.store(x, Mem{Base: parameters})
		p.store(s.zero(), Mem{Base: gradient})
	})
	end()
}
