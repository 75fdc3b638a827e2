package device

import "math"

// NoiseStreams bounds the streams of Noise: the bit above is for the bits that a
// draw needs beyond its first.
const NoiseStreams = 1 << 31

// MostNoise is the largest multiplier of Noise: draws stay within 63 bits.
const MostNoise = 1 << 30

// RoundedNoise is block b of the privacy noise of a step: draws 8b … 8b+7 of
//
//	round(sigma·Z),  Z standard normal,
//
// half to even, as integers in float64. The rounding is that of the real number: an
// integer sum S with it is round(S + sigma·Z), the Gaussian mechanism and a function
// of its outcome, with nothing of floating point in between.
//
// Z comes of two uniform reals, whose first 64 bits are words of ChaCha20 under key and
// nonce (stream, step), at counter b: √(-2 ln U)·cos 2πV and √(-2 ln U)·sin 2πV.
// Float64 computes sigma·Z from 53 of those bits to within a known error (see
// noiseError). If an integer and a half lies nearer than that, ExactNoise decides
// with more bits and more digits. A (key, stream, step) must never be used for two
// sums.
func RoundedNoise(key *[8]uint32, stream uint32, step uint64, b uint32, sigma float64) [8]float64 {
	words := ChaCha20Block(key, b, [3]uint32{stream, uint32(step), uint32(step >> 32)})
	var draws [8]float64
	for i := 0; i < 8; i += 2 {
		u := wideUniform(words[2*i], words[2*i+1])
		v := wideUniform(words[2*i+2], words[2*i+3])
		cos, sin := boxMuller(u, v)
		within := sigma * noiseError(u)
		for k, z := range [2]float64{cos, sin} {
			x := sigma * z
			draws[i+k] = math.RoundToEven(x)
			if !(math.Abs(x-draws[i+k])+within < 0.5) {
				draws[i+k] = ExactNoise(key, stream, step, uint64(b)*8+uint64(i+k), sigma)
			}
		}
	}
	return draws
}

// noiseError bounds how far float64 is from √(-2 ln U)·cos 2πV for uniforms of
// which 53 bits are known, u the middle of what U may be:
//
//	2^-51/(u·r) + r·2^-48,  r = √(-2 ln u)
//
// U is within 2^-53 of u (above ½ the middle itself is rounded), so r² is within
// 2^-52/u, but for the least u, and r within that over r. V within 2^-53 turns its
// cosine by at most 2π·2^-53; logarithm, root, sine, cosine and the products, that
// by sigma included, are good to 2^-50 of r on every device. So both terms are
// more than what is needed. Below the least u, 2^-54, U may be any smaller number; it
// leaves each draw of a sigma ≥ 2 undecided.
func noiseError(u float64) float64 {
	r := math.Sqrt(-2 * math.Log(u))
	return 0x1p-51/(u*r) + r*0x1p-48
}

// wideUniform maps 64 bits to (0, 1] with the top 53 of them: (bits + ½)·2⁻⁵³.
func wideUniform(low, high uint32) float64 {
	word := uint64(high)<<32 | uint64(low)
	return (float64(word>>11) + 0.5) * (1.0 / (1 << 53))
}
