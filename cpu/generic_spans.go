package cpu

func descendGeneric(x []float32, scale float32) int {
	best := 0
	for k, v := range x {
		if v > x[best] {
			best = k
		}
	}
	top := x[best]
	for k, v := range x {
		x[k] = (v - top) * scale
	}
	return best
}

func shareGeneric(dst, e []float32) {
	sum := float32(0)
	for _, v := range e {
		sum += v
	}
	inverse := 1 / sum
	for k, v := range e {
		dst[k] = v * inverse
	}
}

func shareBackGeneric(dst, g, soft []float32, scale float32) {
	inner := float32(0)
	for k, v := range soft {
		inner += v * g[k]
	}
	for k, v := range soft {
		dst[k] = scale * v * (g[k] - inner)
	}
}
