package dpsgd

import "math"

// poissonSampler draws batches in which each of n rows is present by its own
// Bernoulli(q) draw, independently of all others and of earlier batches. It
// skips from one chosen row to the next by geometric gaps,
// ⌊ln u / ln(1-q)⌋ with 53-bit uniforms from a ChaCha20 stream, so a batch costs
// O(qn) (Devroye 1986, ch. X.2).
type poissonSampler struct {
	source *stream
	rows   int
	rate   float64
}

// sample appends the chosen rows, ascending, to dst.
func (p *poissonSampler) sample(dst []uint32) []uint32 {
	if p.rate >= 1 {
		for i := range p.rows {
			dst = append(dst, uint32(i))
		}
		return dst
	}
	logSkip := math.Log1p(-p.rate)
	for i := 0; ; i++ {
		u := (float64(p.source.uint64()>>11) + 0.5) * (1.0 / (1 << 53))
		gap := math.Floor(math.Log(u) / logSkip)
		if gap >= float64(p.rows-i) {
			return dst
		}
		i += int(gap)
		dst = append(dst, uint32(i))
	}
}
