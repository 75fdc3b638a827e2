package device

import "math"

// What a record adds to a private sum is made of integers, so that sums are exact
// and free of order: one record more moves the sum by its own gradient and by
// nothing else, however many there are. The gradient of a layer is input ⊗ delta;
// both factors are rounded to fixed grids, and their product lies on a third.
const (
	// InputBits: inputs are rounded to multiples of 2^-InputBits.
	InputBits = 8
	// deltaBits: clipped deltas are rounded to multiples of max_grad_norm·2^-deltaBits.
	deltaBits = 15
	// SumBits: sums are integer multiples of max_grad_norm·2^-SumBits.
	SumBits = InputBits + deltaBits
	// MostGrid is the largest integer of either grid: 16 bits, so that products fit
	// 32. What lies beyond is taken for it.
	MostGrid = 1<<15 - 1
	// clipMargin is η: clipped gradients are aimed at max_grad_norm/(1+η), so that
	// rounding to the grid seldom makes them longer than max_grad_norm. Those that
	// it does are rounded towards zero.
	clipMargin = 0x1p-10
)

// MostSquare bounds the squared norm of a record's integers, (2^SumBits)², less
// what the float64 sums of squares may be off by.
const MostSquare = (1 << (2 * SumBits)) * (1 - 0x1p-40)

// ClipRecord is the definition of what ClippedSum adds for one record. x[l] [K] and
// delta[l] [N] are its input and delta of layer l; they become integers a[l] and
// s[l], and the record adds a[l]ₖ·s[l]ⱼ to weight (k, j) and 2^InputBits·s[l]ⱼ to
// bias j of layer l:
//
//	a = round(2^InputBits·x)
//	n² = Σ_l (‖2^-InputBits·a‖² + 1)·‖delta‖²    in float64
//	f = 2^deltaBits · min(1/C, 1/((1+η)·n))       rounded to float32
//	s = round(f·delta)                            the product rounded to float32
//
// with C = maxGradNorm; both are rounded half to even and bounded by MostGrid. If
//
//	Σ_l (‖a‖² + 2^(2·InputBits))·‖s‖² > 2^(2·SumBits)
//
// s is rounded towards zero instead. So the norm of what it adds, over all layers'
// weights and biases together, is at most C, in exact arithmetic. A record with
// an a or an n that is not finite, or that would still be too long since f is no normal
// float32, adds nothing: then s is zero.
func ClipRecord(x, delta [][]float32, maxGradNorm float64) (a, s [][]int32) {
	a, s = make([][]int32, len(x)), make([][]int32, len(x))
	square, finite := 0.0, true
	factors := make([]float64, len(x)) // ‖a‖² + 2^(2·InputBits)
	for l := range x {
		a[l], s[l] = make([]int32, len(x[l])), make([]int32, len(delta[l]))
		var ok bool
		factors[l], ok = onGrid(a[l], x[l], 1<<InputBits, math.RoundToEven)
		factors[l] += 1 << (2 * InputBits)
		finite = finite && ok
		for _, d := range delta[l] {
			square += math.Ldexp(factors[l], -2*InputBits) * float64(d) * float64(d)
		}
	}
	f := ClipFactor(square, maxGradNorm)
	for _, round := range []func(float64) float64{math.RoundToEven, math.Trunc} {
		length := 0.0
		for l := range s {
			squares, ok := onGrid(s[l], delta[l], f, round)
			length += factors[l] * squares
			finite = finite && ok
		}
		if finite && length <= MostSquare {
			return a, s
		}
	}
	for l := range s {
		clear(s[l])
	}
	return a, s
}

// ClipFactor is f of ClipRecord for n² = square: 0 if that is not finite.
func ClipFactor(square, maxGradNorm float64) float32 {
	if math.IsNaN(square) || math.IsInf(square, 0) {
		return 0
	}
	return float32(math.Ldexp(min(1/maxGradNorm, 1/((1+clipMargin)*math.Sqrt(square))), deltaBits))
}

// onGrid rounds factor·x to dst, and returns the sum of its squares and whether x
// is finite.
func onGrid(dst []int32, x []float32, factor float32, round func(float64) float64) (squares float64, finite bool) {
	finite = true
	for j, v := range x {
		v *= factor
		if v-v != 0 {
			finite = false
			continue
		}
		dst[j] = int32(max(-MostGrid, min(MostGrid, round(float64(v)))))
		squares += float64(dst[j]) * float64(dst[j])
	}
	return squares, finite
}
