//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// squareDistances adds to the variances of batch normalisation, in float64.
func squareDistances(s set) {
	s.begin("squareDistances", "(sums, means []float64, x []float32)", "computes sums += (x - means)².")
	sums, means, x, n := base("sums"), base("means"), base("x"), length("sums")
	s.loop(n, s.lanes/2, map[GPVirtual]int{sums: 8, means: 8, x: 4}, func(p part) {
		v, sum := p.load64(Mem{Base: x}), p.loadDoubles(Mem{Base: sums})
		VSUBPD(p.loadDoubles(Mem{Base: means}), v, v)
		VFMADD231PD(v, v, sum)
		p.storeDoubles(sum, Mem{Base: sums})
	})
	end()
}

func normalise(s set) {
	s.begin("normalise", "(y, x, shift, factor, beta []float32)", "computes y = max(0, (x - shift)·factor + beta).")
	y, x, shift, factor, beta, n := base("y"), base("x"), base("shift"), base("factor"), base("beta"), length("y")
	zero := s.zero()
	s.loop(n, s.lanes, map[GPVirtual]int{y: 4, x: 4, shift: 4, factor: 4, beta: 4}, func(p part) {
		v, b := p.load(Mem{Base: x}), p.load(Mem{Base: beta})
		VSUBPS(p.load(Mem{Base: shift}), v, v)
		VFMADD231PS(p.load(Mem{Base: factor}), v, b)
		VMAXPS(b, zero, b) // the last source where it is NaN
		p.store(b, Mem{Base: y})
	})
	end()
}

// normSums adds to the sums of the way back, in float64.
func normSums(s set) {
	s.begin("normSums", "(plain, weighted []float64, gradient, x, y, mean, inverse []float32)",
		"adds the gradient where y > 0 to plain, and times (x - mean)·inverse to weighted.")
	plain, weighted, g, x, y := base("plain"), base("weighted"), base("gradient"), base("x"), base("y")
	mean, inverse, n := base("mean"), base("inverse"), length("plain")
	zero := s.half()
	VXORPS(zero, zero, zero)
	s.loop(n, s.lanes/2, map[GPVirtual]int{plain: 8, weighted: 8, g: 4, x: 4, y: 4, mean: 4, inverse: 4}, func(p part) {
		v, distance := p.loadHalf(Mem{Base: g}), p.loadHalf(Mem{Base: x})
		s.zeroUnless(v, p.loadHalf(Mem{Base: y}), greater, zero)
		VSUBPS(p.loadHalf(Mem{Base: mean}), distance, distance)
		VMULPS(p.loadHalf(Mem{Base: inverse}), distance, distance)
		wide, far := s.vector(), s.vector()
		VCVTPS2PD(v, wide)
		VCVTPS2PD(distance, far)
		// Times the masked gradient: an inactive element adds 0.
		sum := p.loadDoubles(Mem{Base: weighted})
		VFMADD231PD(wide, far, sum)
		p.storeDoubles(sum, Mem{Base: weighted})
		VADDPD(p.loadDoubles(Mem{Base: plain}), wide, wide)
		p.storeDoubles(wide, Mem{Base: plain})
	})
	end()
}

func normBack(s set) {
	s.begin("normBack", "(dx, gradient, x, y, mean, inverse, factor, plain, weighted []float32)",
		"computes dx = factor·(g - plain - (x - mean)·inverse·weighted) with g the\n"+
			"gradient where y > 0, else 0.")
	names := []string{"dx", "gradient", "x", "y", "mean", "inverse", "factor", "plain", "weighted"}
	at, pointers, n := map[string]Mem{}, map[GPVirtual]int{}, length("dx")
	for _, name := range names {
		p := base(name)
		at[name], pointers[p] = Mem{Base: p}, 4
	}
	zero := s.zero()
	s.loop(n, s.lanes, pointers, func(p part) {
		g, distance := p.load(at["gradient"]), p.load(at["x"])
		s.zeroUnless(g, p.load(at["y"]), greater, zero)
		VSUBPS(p.load(at["mean"]), distance, distance)
		VMULPS(p.load(at["inverse"]), distance, distance)
		VSUBPS(p.load(at["plain"]), g, g)
		VFNMADD231PS(p.load(at["weighted"]), distance, g)
		VMULPS(p.load(at["factor"]), g, g)
		p.store(g, at["dx"])
	})
	end()
}
