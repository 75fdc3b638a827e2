package cpu

import "math"

// Elementary functions in float32 for public randomness and softmax, 3 to 5
// times faster than package math on whole slices. Coefficients are those of
// Cephes (Moshier 1992, logf, expf, sinf, cosf); errors are below 2 units in
// the last place. The vector kernels evaluate the same polynomials.

// negLog replaces each x, positive and normal, by -ln x.
func negLog(x []float32) {
	for i, v := range x {
		// v = m·2ᵉ with m in [√½, √2).
		word := math.Float32bits(v)
		exponent := int32(word-0x3f3504f3) >> 23
		f := math.Float32frombits(word-uint32(exponent)<<23) - 1
		e := float32(exponent)
		square := f * f
		p := ((7.0376836292e-2*f-1.1514610310e-1)*f+1.1676998740e-1)*f - 1.2420140846e-1
		q := ((1.4249322787e-1*f-1.6668057665e-1)*f+2.0000714765e-1)*f - 2.4999993993e-1
		series := (p*(square*square)+q)*f + 3.3333331174e-1
		x[i] = -(f + (series*f*square - 2.12194440e-4*e - 0.5*square) + 0.693359375*e)
	}
}

// exp32 is eˣ for x <= 0, and 0 where that is below the normal numbers.
func exp32(x float32) float32 {
	if x < -87 {
		return 0
	}
	const shift = 3 << 22 // adding it rounds to an integer
	n := float32(x*math.Log2E+shift) - shift
	r := x - n*0.693359375 + n*2.12194440e-4
	square := r * r
	p := ((1.9875691500e-4*r+1.3981999507e-3)*r+8.3334519073e-3)*r + 4.1665795894e-2
	p = (p*r+1.6666665459e-1)*r + 5.0000001201e-1
	return (p*square + r + 1) * math.Float32frombits(uint32(int32(n)+127)<<23)
}
