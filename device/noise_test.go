package device_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// What float64 decides is what 128 bits decide, up to sigmas at which it decides few.
func TestRoundedNoiseIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		sigma  float64
		blocks int
	}{{3, 40}, {8388.608, 40}, {0x1p23, 40}, {1e9, 40}, {0x1p44, 400}} {
		for range c.blocks {
			var key [8]uint32
			for i := range key {
				key[i] = random.Uint32()
			}
			stream, step, block := random.Uint32N(device.NoiseStreams), random.Uint64(), random.Uint32()
			for i, got := range device.RoundedNoise(&key, stream, step, block, c.sigma) {
				if want := device.ExactNoise(&key, stream, step, 8*uint64(block)+uint64(i), c.sigma); got != want {
					t.Fatalf("sigma %v, draw %d: %v, exactly %v", c.sigma, i, got, want)
				}
			}
		}
	}
}

// scanned is how many blocks are searched for rare uniforms: four times as many of them.
const scanned = 1 << 20

// Of a small uniform 53 bits leave much open, as -ln u is steep there: then more bits
// decide. The sigma is one at which they matter by some integers.
func TestSmallUniformsAreDecidedExactly(t *testing.T) {
	key, found := [8]uint32{9, 4}, 0
	for block := range uint32(scanned) {
		words := device.ChaCha20Block(&key, block, [3]uint32{1, 2})
		for pair := range 4 {
			if words[4*pair+1] >= 1<<(32-18) { // u ≥ 2^-18
				continue
			}
			found++
			draws := device.RoundedNoise(&key, 1, 2, block, 0x1p40)
			for i := 2 * pair; i < 2*pair+2; i++ {
				if want := device.ExactNoise(&key, 1, 2, 8*uint64(block)+uint64(i), 0x1p40); draws[i] != want {
					t.Errorf("draw %d of block %d: %v, exactly %v", i, block, draws[i], want)
				}
			}
		}
	}
	if found < 5 { // 16 are expected
		t.Errorf("%d small uniforms in %d", found, 4*scanned)
	}
}

// The bits that decide a draw are those of the same block of the stream NoiseStreams
// further on. They show where u is near 1: with d = 1-u, of 128 bits, -ln u is
// -log1p(-d).
func TestExactNoiseHasBitsOfItsOwn(t *testing.T) {
	const sigma, stream, step = 0x1p100, 1, 2 | 7<<32
	key, found := [8]uint32{3, 1}, 0
	for block := range uint32(scanned) {
		first := device.ChaCha20Block(&key, block, [3]uint32{stream, 2, 7})
		for pair := range 4 {
			u := uint64(first[4*pair+1])<<32 | uint64(first[4*pair])
			if ^u >= 1<<(64-18) { // d ≥ 2^-18
				continue
			}
			found++
			more := device.ChaCha20Block(&key, block, [3]uint32{stream + device.NoiseStreams, 2, 7})
			d := math.Ldexp(float64(^u), -64) + math.Ldexp(float64(^(uint64(more[4*pair+1])<<32|uint64(more[4*pair]))), -128)
			v := math.Ldexp(float64(uint64(first[4*pair+3])<<32|uint64(first[4*pair+2])), -64)
			r := sigma * math.Sqrt(-2*math.Log1p(-d))
			for i, want := range []float64{r * math.Cos(2*math.Pi*v), r * math.Sin(2*math.Pi*v)} {
				if got := device.ExactNoise(&key, stream, step, 8*uint64(block)+uint64(2*pair+i), sigma); math.Abs(got-want) > 0x1p-50*r {
					t.Errorf("draw %d of block %d: %v, want %v", 2*pair+i, block, got, want)
				}
			}
		}
	}
	if found < 5 { // 16 are expected
		t.Errorf("%d uniforms near 1 in %d", found, 4*scanned)
	}
}

// At a sigma where float64 knows no fraction any more, every draw is decided exactly,
// and follows float64 to its precision.
func TestExactNoiseFollowsFloat64(t *testing.T) {
	var key [8]uint32
	key[5] = 77
	for block := range uint32(20) {
		small, large := device.RoundedNoise(&key, 1, 2, block, 0x1p20), device.RoundedNoise(&key, 1, 2, block, 0x1p52)
		for i := range small {
			if math.Abs(math.Ldexp(large[i], -32)-small[i]) > 0.5+1e-6 {
				t.Errorf("draw %d of block %d: %v at 2^20, %v·2^32 at 2^52", i, block, small[i], math.Ldexp(large[i], -32))
			}
		}
	}
}
