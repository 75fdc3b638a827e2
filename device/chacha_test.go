package device_test

import (
	"math"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// RFC 8439, section 2.3.2.
func TestChaCha20Block(t *testing.T) {
	key := [8]uint32{0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c}
	got := device.ChaCha20Block(&key, 1, [3]uint32{0x09000000, 0x4a000000, 0x00000000})
	want := [16]uint32{
		0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3,
		0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
		0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
		0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
	}
	if got != want {
		t.Errorf("block = %08x, want %08x", got, want)
	}
}

// The noise of a block comes of its words, and blocks, streams and steps (all 64
// bits) have noise of their own.
func TestRoundedNoiseComesOfItsWords(t *testing.T) {
	const sigma = 1 << 40
	key := [8]uint32{1, 2, 3, 4, 5, 6, 7, 8}
	words := device.ChaCha20Block(&key, 9, [3]uint32{3, 5, 7})
	draws := device.RoundedNoise(&key, 3, 5|7<<32, 9, sigma)
	for pair := range 4 {
		u := (float64((uint64(words[4*pair+1])<<32|uint64(words[4*pair]))>>11) + 0.5) / (1 << 53)
		v := (float64((uint64(words[4*pair+3])<<32|uint64(words[4*pair+2]))>>11) + 0.5) / (1 << 53)
		radius := math.Sqrt(-2 * math.Log(u))
		for i, want := range []float64{radius * math.Cos(2*math.Pi*v), radius * math.Sin(2*math.Pi*v)} {
			if got := draws[2*pair+i] / sigma; math.Abs(got-want) > 2e-12 {
				t.Errorf("draw %d = %v sigma, want %v", 2*pair+i, got, want)
			}
		}
	}
	for _, other := range []struct {
		stream uint32
		step   uint64
		block  uint32
	}{{4, 5 | 7<<32, 9}, {3, 6 | 7<<32, 9}, {3, 5 | 8<<32, 9}, {3, 5 | 7<<32, 10}} {
		if device.RoundedNoise(&key, other.stream, other.step, other.block, sigma) == draws {
			t.Errorf("%+v repeats the noise of stream 3, step 5|7<<32, block 9", other)
		}
	}
}
