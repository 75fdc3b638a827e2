package cpu

import "math"

func activateGeneric(y []float32, slope float32) {
	if slope == 0 {
		for j, v := range y {
			y[j] = max(v, 0)
		}
		return
	}
	// A table indexed by the sign: half of the branches would be mispredicted.
	factor := [2]float32{1, slope}
	for j, v := range y {
		y[j] = v * factor[math.Float32bits(v)>>31]
	}
}

func dropoutGeneric(y, u []float32, slope, keep, rate float32) {
	activateGeneric(y, slope)
	// Positive floats order as their bits do, so the sign of the difference is
	// set just where u < rate.
	limit := int32(math.Float32bits(rate))
	for j, v := range u[:len(y)] {
		dropped := uint32((int32(math.Float32bits(v)) - limit) >> 31)
		y[j] = math.Float32frombits(math.Float32bits(keep*y[j]) &^ dropped)
	}
}

func deriveGeneric(gradient, y []float32, above, below float32) {
	factor := [2]float32{above, below}
	for j, v := range y[:len(gradient)] {
		word := math.Float32bits(v)
		magnitude := word << 1
		nonzero := uint32(int32(magnitude|-magnitude) >> 31)
		gradient[j] = math.Float32frombits(math.Float32bits(gradient[j]*factor[word>>31]) & nonzero)
	}
}

func deriveScaledGeneric(dst, x, y []float32, factor, above, below float32) {
	for j, v := range x[:len(dst)] {
		dst[j] = factor * v
	}
	deriveGeneric(dst, y, above, below)
}

func addGeneric(dst, src []float32) {
	for i, v := range src[:len(dst)] {
		dst[i] += v
	}
}

// sumSquaresGeneric keeps four interleaved sums: one alone would wait for each
// addition.
func sumSquaresGeneric(x []float32) float64 {
	var a, b, c, d float64
	for len(x) >= 4 {
		x0, x1, x2, x3 := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		a += x0 * x0
		b += x1 * x1
		c += x2 * x2
		d += x3 * x3
		x = x[4:]
	}
	for _, v := range x {
		a += float64(v) * float64(v)
	}
	return (a + b) + (c + d)
}

func addScaledGeneric(sums []float64, x []float32, factor float32) {
	for j, v := range x[:len(sums)] {
		sums[j] += float64(factor * v)
	}
}

func sumRowsGeneric(sums []float64, src []float32, stride int, rows []int32, scale []float32) {
	for _, row := range rows {
		addScaledGeneric(sums, src[int(row)*stride:], scale[row])
	}
}

func averageGeneric(dst, src []float32, decay, weight float32) {
	for i, v := range src[:len(dst)] {
		dst[i] = decay*dst[i] + weight*v
	}
}

func adamGeneric(parameters, first, second, gradient []float32, beta1, rest1, beta2, rest2, rate, correction, epsilon float32) {
	for i, g := range gradient[:len(parameters)] {
		m := beta1*first[i] + rest1*g
		v := beta2*second[i] + rest2*g*g
		first[i], second[i] = m, v
		parameters[i] -= rate * m / (float32(math.Sqrt(float64(v*correction))) + epsilon)
		gradient[i] = 0
	}
}
