package cpu

func squareDistancesGeneric(sums, means []float64, x []float32) {
	for j, v := range x[:len(sums)] {
		distance := float64(v) - means[j]
		sums[j] += distance * distance
	}
}

func normaliseGeneric(y, x, shift, factor, beta []float32) {
	for j, v := range x[:len(y)] {
		y[j] = max(0, (v-shift[j])*factor[j]+beta[j])
	}
}

func normSumsGeneric(plain, weighted []float64, gradient, x, y, mean, inverse []float32) {
	for j, g := range gradient[:len(plain)] {
		if y[j] > 0 {
			plain[j] += float64(g)
			weighted[j] += float64(g) * float64((x[j]-mean[j])*inverse[j])
		}
	}
}

func normBackGeneric(dx, gradient, x, y, mean, inverse, factor, plain, weighted []float32) {
	for j, g := range gradient[:len(dx)] {
		if !(y[j] > 0) {
			g = 0
		}
		dx[j] = factor[j] * (g - plain[j] - (x[j]-mean[j])*inverse[j]*weighted[j])
	}
}
