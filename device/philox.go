package device

import "math"

// Philox4x32 is one block of Philox4x32-10 (Salmon et al. 2011, "Parallel random
// numbers: as easy as 1, 2, 3"): four uniform words for a counter under a key.
func Philox4x32(key uint64, counter [4]uint32) [4]uint32 {
	k0, k1 := uint32(key), uint32(key>>32)
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	for range 10 {
		p0 := uint64(c0) * 0xD2511F53
		p1 := uint64(c2) * 0xCD9E8D57
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += 0x9E3779B9
		k1 += 0xBB67AE85
	}
	return [4]uint32{c0, c1, c2, c3}
}

// Draw is the value of an RNG: its seed, step and stream read out. It defines
// the numbers that every device must draw.
type Draw struct {
	Seed, Step uint64
	Stream     uint32
}

// Block is block b: words 4b … 4b+3 of the stream.
func (d Draw) Block(b uint32) [4]uint32 {
	return Philox4x32(d.Seed, [4]uint32{b, d.Stream, uint32(d.Step), uint32(d.Step >> 32)})
}

// Uniform is number i: (word>>9 + ½)·2⁻²³, in (0, 1).
func (d Draw) Uniform(i int) float32 {
	return UnitInterval(d.Block(uint32(i / 4))[i%4])
}

// UnitInterval maps a word to (0, 1) without rounding: 23 bits and the half fill
// a float32. One bit more would round the largest words to 1, whose Gumbel noise
// is infinite.
func UnitInterval(word uint32) float32 {
	return (float32(word>>9) + 0.5) * (1.0 / (1 << 23))
}

// Normal is normal i, by Box and Muller from words 2⌊i/2⌋ and 2⌊i/2⌋+1: the
// cosine for even i, the sine for odd i.
func (d Draw) Normal(i int) float32 {
	block := d.Block(uint32(i / 4))
	pair := i % 4 / 2 * 2
	even, odd := boxMuller(float64(UnitInterval(block[pair])), float64(UnitInterval(block[pair+1])))
	if i%2 == 0 {
		return float32(even)
	}
	return float32(odd)
}

// boxMuller maps two uniforms in (0, 1) to two independent standard normals:
// √(-2 ln u)·cos 2πv and √(-2 ln u)·sin 2πv.
func boxMuller(u, v float64) (float64, float64) {
	radius := math.Sqrt(-2 * math.Log(u))
	sin, cos := math.Sincos(2 * math.Pi * v)
	return radius * cos, radius * sin
}
