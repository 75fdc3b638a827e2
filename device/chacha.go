package device

import "math/bits"

// ChaCha20Block is one block of ChaCha20 (RFC 8439, section 2.3): sixteen words
// for a key, a block counter and a nonce.
func ChaCha20Block(key *[8]uint32, counter uint32, nonce [3]uint32) [16]uint32 {
	in := [16]uint32{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,
		key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7],
		counter, nonce[0], nonce[1], nonce[2]}
	x := in
	for range 10 {
		x[0], x[4], x[8], x[12] = quarterRound(x[0], x[4], x[8], x[12])
		x[1], x[5], x[9], x[13] = quarterRound(x[1], x[5], x[9], x[13])
		x[2], x[6], x[10], x[14] = quarterRound(x[2], x[6], x[10], x[14])
		x[3], x[7], x[11], x[15] = quarterRound(x[3], x[7], x[11], x[15])
		x[0], x[5], x[10], x[15] = quarterRound(x[0], x[5], x[10], x[15])
		x[1], x[6], x[11], x[12] = quarterRound(x[1], x[6], x[11], x[12])
		x[2], x[7], x[8], x[13] = quarterRound(x[2], x[7], x[8], x[13])
		x[3], x[4], x[9], x[14] = quarterRound(x[3], x[4], x[9], x[14])
	}
	for i := range x {
		x[i] += in[i]
	}
	return x
}

func quarterRound(a, b, c, d uint32) (uint32, uint32, uint32, uint32) {
	a += b
	d = bits.RotateLeft32(d^a, 16)
	c += d
	b = bits.RotateLeft32(b^c, 12)
	a += b
	d = bits.RotateLeft32(d^a, 8)
	c += d
	b = bits.RotateLeft32(b^c, 7)
	return a, b, c, d
}

// NoiseBlock is block b of the privacy noise of a step: normals 8b … 8b+7, from
// eight 53-bit uniforms. The nonce is (stream, step), the block counter is b; a
// (key, stream, step) must never be used for two sums.
func NoiseBlock(key *[8]uint32, stream uint32, step uint64, b uint32) [8]float64 {
	words := ChaCha20Block(key, b, [3]uint32{stream, uint32(step), uint32(step >> 32)})
	var normals [8]float64
	for i := 0; i < 8; i += 2 {
		u := wideUniform(words[2*i], words[2*i+1])
		v := wideUniform(words[2*i+2], words[2*i+3])
		normals[i], normals[i+1] = BoxMuller(u, v)
	}
	return normals
}

// wideUniform maps 64 bits to (0, 1] with the top 53 of them: (bits + ½)·2⁻⁵³.
// The tail of the normals reaches 8.6σ.
func wideUniform(low, high uint32) float64 {
	word := uint64(high)<<32 | uint64(low)
	return (float64(word>>11) + 0.5) * (1.0 / (1 << 53))
}
