package device_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dpgan/dpgan/device"
)

// What float64 decides is what 128 bits decide.
func TestRoundedNoiseIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, sigma := range []float64{3, 8388.608, 0x1p23, 1e9} {
		for range 40 {
			var key [8]uint32
			for i := range key {
				key[i] = random.Uint32()
			}
			stream, step, block := random.Uint32N(device.NoiseStreams), random.Uint64(), random.Uint32()
			for i, got := range device.RoundedNoise(&key, stream, step, block, sigma) {
				if want := device.ExactNoise(&key, stream, step, 8*uint64(block)+uint64(i), sigma); got != want {
					t.Fatalf("sigma %v, draw %d: %v, exactly %v", sigma, i, got, want)
				}
			}
		}
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
